package org.example.piimages.daemon.image.table;

import java.util.Arrays;

/**
 * A write of whole sectors in one piece.
 *
 * @param offset the offset in the file in bytes, a multiple of 512
 * @param bytes the content; its length is a multiple of 512
 */
public record SectorWrite(long offset, byte[] bytes) {

    /** Keeps its own copy of the bytes. */
    public SectorWrite {
        bytes = bytes.clone();
        if (offset % PartitionTable.SECTOR_SIZE != 0 || bytes.length % PartitionTable.SECTOR_SIZE != 0) {
            throw new IllegalArgumentException(bytes.length + " bytes at " + offset + " are no whole sectors");
        }
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Replaces the part of a buffer that the write covers, as a read after the write would return it. */
    void applyTo(long bufferOffset, byte[] buffer) {
        long from = Math.max(offset, bufferOffset);
        long to = Math.min(offset + bytes.length, bufferOffset + buffer.length);
        if (from < to) {
            System.arraycopy(bytes, (int) (from - offset), buffer, (int) (from - bufferOffset), (int) (to - from));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SectorWrite write && write.offset == offset && Arrays.equals(write.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(offset) * 31 + Arrays.hashCode(bytes);
    }
}
