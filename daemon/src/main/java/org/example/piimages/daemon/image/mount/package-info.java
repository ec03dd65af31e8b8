/**
 * The mounts of an image, for its user on the host and for machines, where they are, and the record of them that the next process of the
 * daemon reads.
 */
package org.example.piimages.daemon.image.mount;
