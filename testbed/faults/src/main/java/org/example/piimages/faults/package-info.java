/**
 * Faults that are injected into the daemon from outside. {@link org.example.piimages.faults.Instrumentation} finds each place where the
 * daemon calls the kernel, a tool or another program on the bus, and changes a copy of its classes so that the test bed can kill the
 * daemon there, or make the step fail. The code of the product does not know about it, so that nothing of it is accessible to users, it
 * costs nothing, and no step is missing because nobody has marked it.
 */
package org.example.piimages.faults;
