package org.example.piimages.daemon.image.disk;

import java.util.Arrays;

/** An image in an array, followed by zeros up to its size, so that gigabytes take no memory. */
public record MemorySource(byte[] content, long size) implements ByteSource {

    public MemorySource(byte[] content) {
        this(content, content.length);
    }

    @Override
    public void read(long offset, byte[] buffer) {
        if (offset < 0 || offset > size - buffer.length) {
            throw new AssertionError("read of " + buffer.length + " bytes at " + offset + " of " + size);
        }
        Arrays.fill(buffer, (byte) 0);
        if (offset < content.length) {
            System.arraycopy(content, (int) offset, buffer, 0, (int) Math.min(buffer.length, content.length - offset));
        }
    }
}
