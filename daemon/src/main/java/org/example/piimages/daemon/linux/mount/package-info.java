/**
 * Mounts that are created without a path, trees of mounts, the files below a directory that is treated as a root, and the table of mounts
 * in /proc/self/mountinfo.
 */
package org.example.piimages.daemon.linux.mount;
