package org.example.piimages.daemon.image;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.FatOwners;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.filesystem.UnusedSpace;
import org.example.piimages.daemon.image.system.PartitionsFuzz;

/** Fuzzes superblocks: a filesystem that begins at the first byte, in a partition whose length the first four bytes give. */
public final class SuperblockFuzz {

    private static final int SIZE_BYTES = 4;
    private static final int MAGIC_BYTES = 8;

    private SuperblockFuzz() {
    }

    /** Probes bytes as a filesystem. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length <= SIZE_BYTES) {
            return;
        }
        long size = Math.max(1, ByteBuffer.wrap(data).getInt() & 0xffffffffL);
        try {
            MemorySource source = new MemorySource(data, size);
            Optional<Filesystem> found = Filesystem.probe(source, Partition.wholeFile(size));
            found.ifPresent(filesystem -> {
                requireOrder(source, filesystem);
                PartitionsFuzz.requireOneLine(filesystem.type() + filesystem.uuid() + Printable.quoted(filesystem.label()));
                AttachedVolume.options(filesystem, true);
                FatOwners.report(source, Partition.wholeFile(size), (offset, length, path) -> Printable.path(path));
            });
        } catch (Failure failure) {
            PartitionsFuzz.requireOneLine(failure.getMessage());
        }
        if (data.length >= MAGIC_BYTES) {
            CompressedFormat.of(data);
        }
    }

    /** Requires unused ranges in the partition, in order and not adjacent. */
    private static void requireOrder(MemorySource source, Filesystem filesystem) {
        long[] last = {-1};
        UnusedSpace.report(source, Partition.wholeFile(source.size()), filesystem, (start, end) -> {
            if (start <= last[0] || end <= start || end > source.size()) {
                throw new IllegalStateException("unused from " + start + " to " + end + " behind " + last[0]);
            }
            last[0] = end;
        }).ifPresent(PartitionsFuzz::requireOneLine);
    }
}
