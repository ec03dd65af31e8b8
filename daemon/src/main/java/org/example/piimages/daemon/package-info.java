/**
 * The entry point of piimagesd, which creates all objects and connects them, the exit of an idle daemon, and the notifications to systemd's
 * watchdog. No other package uses this one.
 */
package org.example.piimages.daemon;
