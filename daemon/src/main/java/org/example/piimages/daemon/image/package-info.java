/**
 * How an image is held: its file open with its owner's rights, its partitions behind loop devices, mounted for its owner or for a machine,
 * and remembered across restarts. What the image is, {@code image.disk} and {@code image.system} say.
 */
package org.example.piimages.daemon.image;
