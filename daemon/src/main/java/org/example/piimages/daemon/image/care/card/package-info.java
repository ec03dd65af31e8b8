/**
 * Writing an image or a download to a card, and backing a card up to a file: what has to be written or read, the verification, free space,
 * and the files to which unreadable data belongs.
 */
package org.example.piimages.daemon.image.care.card;
