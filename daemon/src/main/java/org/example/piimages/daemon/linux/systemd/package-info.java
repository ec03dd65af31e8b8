/**
 * The clients of systemd, systemd-machined and systemd-journald, and the notifications to the systemd that started the daemon. Only the
 * clients of systemd and machined use the bus.
 */
package org.example.piimages.daemon.linux.systemd;
