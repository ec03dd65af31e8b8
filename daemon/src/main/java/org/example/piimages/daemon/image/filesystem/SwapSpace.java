package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * Swap space. Its content is of no use after the system that used it has stopped, except for the image of a hibernated system, which
 * replaces the signature (kernel/power/swap.c; uswsusp as well). The partition's type must be swap, because not every filesystem overwrites
 * a swap header.
 */
final class SwapSpace {

    /** The size of the largest page that a header fills, in bytes. */
    private static final int HEADER = 1 << 16;
    private static final int BOOT_BITS = 1024;
    private static final Set<String> TYPES = Set.of("0x82", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f");

    private SwapSpace() {
    }

    /** Like {@link UnusedSpace#report}; the swap space must lie in the partition. */
    static Optional<String> report(PartitionBytes partition, Filesystem swap, UnusedRanges ranges) {
        if (!TYPES.contains(partition.partition().type())) {
            return Optional.of("it has a swap header, but is no swap partition");
        }
        ByteBuffer header = partition.read(0, BOOT_BITS + Integer.BYTES).orElseThrow();
        if (header.getInt(BOOT_BITS) != 1) {
            return Optional.of("the version of the swap header is not supported");
        }
        if (swap.size() > HEADER) {
            ranges.add(HEADER, swap.size() - HEADER);
        }
        return Optional.empty();
    }
}
