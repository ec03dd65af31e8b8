/**
 * Images in use: a file is opened with its owner's rights or a card after polkit has allowed it, its partitions are attached to loop
 * devices and mounted for the owner or for a machine, and the mount is recorded across restarts. The packages {@code image.disk} to {@code
 * image.system} describe what an image contains.
 */
package org.example.piimages.daemon.image;
