package org.example.piimages.daemon.image.table;

import java.util.Arrays;
import java.util.List;
import org.example.piimages.daemon.image.disk.ByteSource;

/** A view of a source as if it had been resized and sectors had been written; the source itself is not changed. */
record PatchedSource(ByteSource source, long size, List<SectorWrite> writes) implements ByteSource {

    @Override
    public void read(long offset, byte[] buffer) {
        long available = Math.max(0, Math.min(buffer.length, source.size() - offset));
        byte[] old = new byte[(int) available];
        if (available > 0) {
            source.read(offset, old);
        }
        // Bytes beyond the old end read as zeros, like a hole.
        Arrays.fill(buffer, (byte) 0);
        System.arraycopy(old, 0, buffer, 0, old.length);
        writes.forEach(write -> write.applyTo(offset, buffer));
    }
}
