/**
 * The name and mode of a machine, the record that is stored before it starts, and its result. All of it is in the machine's directory in
 * /run/piimages/machines, for the next process of the daemon.
 */
package org.example.piimages.daemon.machine.record;
