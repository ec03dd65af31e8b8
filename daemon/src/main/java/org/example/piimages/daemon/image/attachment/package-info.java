/**
 * The partitions of an image, behind loop devices, and the search for the root filesystem among them. Nothing here is reachable by a path
 * yet.
 */
package org.example.piimages.daemon.image.attachment;
