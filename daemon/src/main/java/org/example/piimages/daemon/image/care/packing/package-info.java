/**
 * Unpacking downloads, packing images, and their checksums: the formats of archives and compressions, checksum files beside a download, and
 * the files that are published with an image.
 */
package org.example.piimages.daemon.image.care.packing;
