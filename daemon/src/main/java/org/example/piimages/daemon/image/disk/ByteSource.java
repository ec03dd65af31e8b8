package org.example.piimages.daemon.image.disk;

import org.example.piimages.contract.Failure;

/** Bytes that can be read at any position: an image file, kept open so that nobody can replace it. Its content is untrusted. */
public interface ByteSource {

    /** The size in bytes, zero or more, the same for the life of the source. */
    long size();

    /**
     * Fills the whole buffer with the bytes from {@code offset} on, like pread(2) called until the buffer is full.
     *
     * @param offset position of the first byte, zero or more
     * @param buffer the buffer to fill, not null; its content is undefined after a failure
     * @throws Failure FAILED when the system cannot read, INVALID_IMAGE when the file ends before the buffer is full
     */
    void read(long offset, byte[] buffer);

    /**
     * Returns the {@code length} bytes from {@code offset} on in a new array.
     *
     * @throws Failure INVALID_IMAGE when any of them lies outside the source, otherwise as {@link #read(long, byte[])}
     */
    default byte[] bytes(long offset, int length) {
        if (offset < 0 || length < 0 || offset > size() - length) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the image ends at byte " + size() + ", but " + length + " bytes at byte "
                    + Long.toUnsignedString(offset) + " are required: it seems truncated; copy or download it again");
        }
        byte[] bytes = new byte[length];
        read(offset, bytes);
        return bytes;
    }
}
