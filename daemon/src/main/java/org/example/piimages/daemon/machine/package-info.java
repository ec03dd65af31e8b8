/**
 * Commands and inits that run in images: machines are claimed, set up, started, watched and cleaned up, and recovered by the next process
 * of the daemon. The packages below this one describe a machine, and none of them uses this one.
 *
 * <p>Architecture invariant: whether a machine runs is read from systemd. Its end is recorded by machine-ended, with or without a daemon.
 */
package org.example.piimages.daemon.machine;
