/**
 * The machine as seen from the host: the command line and settings of systemd-nspawn, the transient unit and its sandbox, the range of the
 * host's user IDs, the bind mounts, and the machine's privileges on the host.
 */
package org.example.piimages.daemon.machine.nspawn;
