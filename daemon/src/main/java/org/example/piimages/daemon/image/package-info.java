/**
 * What a Raspberry Pi image is and where its filesystems belong: partition tables, superblocks, fstab and the mount plan.
 *
 * <p>Everything here is a function of bytes that a stranger wrote. Counts, sizes and offsets are checked against the file before they are
 * used, text is escaped before it gets into a message, and the only exception that leaves is
 * {@link org.example.piimages.contract.Failure}. Messages do not name the image file, which these classes do not know; who opened it does.
 */
package org.example.piimages.daemon.image;
