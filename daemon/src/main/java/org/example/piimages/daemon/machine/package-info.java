/**
 * Commands and inits that run in images: machines are claimed, set up, started, watched and tidied up, and found again by the next daemon.
 * What they are told is in the packages below this one, none of which uses this one.
 *
 * <p>Architecture invariant: whether a machine runs is read from systemd. Its end is recorded by machine-ended, with or without a daemon.
 */
package org.example.piimages.daemon.machine;
