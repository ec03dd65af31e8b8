/**
 * What the superblock of a filesystem says about it, which parts of a filesystem are not in use, and which files of FAT own given bytes.
 * Pure: bytes come from a {@link org.example.piimages.daemon.image.disk.ByteSource}; they are untrusted, and checked before they are used.
 */
package org.example.piimages.daemon.image.filesystem;
