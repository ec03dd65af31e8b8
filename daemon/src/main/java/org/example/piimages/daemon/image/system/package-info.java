/**
 * The description of an image: the systems in it, their root and boot partitions, the other mounts in the fstab, and the reasons. Pure: a
 * function of facts that were read before.
 */
package org.example.piimages.daemon.image.system;
