/**
 * The machine as seen from the host: the command line and settings of systemd-nspawn, the transient unit and its sandbox, the host's users
 * who stand for the machine's, what else of the host the machine sees, and what it may do there.
 */
package org.example.piimages.daemon.machine.nspawn;
