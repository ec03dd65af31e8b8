package org.example.piimages.daemon.image.table;

import java.util.Arrays;
import java.util.List;
import org.example.piimages.daemon.image.disk.ByteSource;

/** A source as it would be after it was made longer or shorter and some sectors were written; nothing is. */
record PatchedSource(ByteSource source, long size, List<SectorWrite> writes) implements ByteSource {

    @Override
    public void read(long offset, byte[] buffer) {
        long there = Math.max(0, Math.min(buffer.length, source.size() - offset));
        byte[] old = new byte[(int) there];
        if (there > 0) {
            source.read(offset, old);
        }
        // What lies behind the old end is a hole.
        Arrays.fill(buffer, (byte) 0);
        System.arraycopy(old, 0, buffer, 0, old.length);
        writes.forEach(write -> write.applyTo(offset, buffer));
    }
}
