/**
 * Images in use: which ones are mounted, for whom, and who may use them at the same time. A file is opened with its owner's rights or a
 * card after polkit has allowed it ({@code image.file}), its partitions are attached to loop devices ({@code image.attachment}) and mounted
 * for the owner or for a machine, and the mount is recorded across restarts ({@code image.mount}). The packages {@code image.disk} to
 * {@code image.system} describe what an image contains.
 */
package org.example.piimages.daemon.image;
