/**
 * Commands and inits that run in images: machines are claimed, set up, started, watched and cleaned up, and recovered by the next process
 * of the daemon. Whether a machine runs is read from systemd, and machine-ended records its end with or without a daemon. The packages
 * below this one describe a machine, and do not use this one.
 */
package org.example.piimages.daemon.machine;
