/**
 * What an image is: which systems are in it, which partition each has for its root and for booting, what else its fstab mounts, and why.
 * Pure: facts go in, a description comes out.
 */
package org.example.piimages.daemon.image.system;
