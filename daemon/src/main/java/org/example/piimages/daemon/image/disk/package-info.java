/**
 * Disks as bytes: ranges, partitions, boot sectors, GUIDs, block maps and compressed formats. Pure: bytes come from a {@link
 * org.example.piimages.daemon.image.disk.ByteSource}, and nothing here opens, mounts or writes anything. The bytes are untrusted: counts,
 * sizes and offsets are checked before they are used, text is escaped before it gets into a message, and the only exception that leaves is
 * {@link org.example.piimages.contract.Failure}, whose message the caller completes with the name of the image.
 */
package org.example.piimages.daemon.image.disk;
