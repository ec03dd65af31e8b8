/**
 * Faults for the daemon, from outside: a Java agent finds each place where its code asks the kernel, a tool, or another program on the bus
 * for something, and lets the test bed kill the daemon or make the step fail there. The daemon's own code knows nothing of it: there is
 * nothing that a user could reach, nothing that costs, and no step that somebody forgot to mark.
 */
package org.example.piimages.faults;
