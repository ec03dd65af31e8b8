/**
 * Disks as bytes: partition tables, what a superblock says of the filesystem in a partition, and how a table changes. Pure: bytes come from
 * a {@link org.example.piimages.daemon.image.disk.ByteSource}, and nothing here opens, mounts or writes anything.
 *
 * <p>A stranger wrote these bytes. Counts, sizes and offsets are checked against the file before they are used, text is escaped before it
 * gets into a message, and the only exception that leaves is {@link org.example.piimages.contract.Failure}. Messages do not name the image
 * file, which these classes do not know; who opened it does.
 */
package org.example.piimages.daemon.image.disk;
