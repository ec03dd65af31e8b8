/**
 * The daemon's process: creates the objects of the other packages and connects them, answers systemd's watchdog, and exits when idle.
 */
package org.example.piimages.daemon;
