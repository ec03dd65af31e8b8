/**
 * Images in use: the file is opened with the owner's rights, its partitions are attached to loop devices and mounted for the owner or for a
 * machine, and recorded across restarts. What an image contains is described by {@code image.disk} and {@code image.system}.
 */
package org.example.piimages.daemon.image;
