/**
 * What a machine is called, what kind of machine it is, what is written down about it before it starts, and how it ended. A machine's
 * folder in /run/piimages/machines holds all of it, for the daemon that comes after this one.
 */
package org.example.piimages.daemon.machine.record;
