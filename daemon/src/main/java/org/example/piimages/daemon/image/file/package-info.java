/**
 * The file of an image, opened with the rights of its user, or the card that is used as one. An image is identified by the descriptor,
 * not by its path.
 */
package org.example.piimages.daemon.image.file;
