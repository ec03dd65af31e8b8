package org.example.piimages.daemon.image;

import java.nio.ByteBuffer;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.filesystem.StoredImage;
import org.example.piimages.daemon.image.filesystem.UnusedSpace;
import org.example.piimages.daemon.image.system.PartitionsFuzz;

/**
 * Fuzzes a filesystem as changed by an attacker who can calculate checksums: the first byte selects it, and each seven bytes give a block,
 * an offset in it, a number of bytes and their new values.
 */
public final class UnusedSpaceFuzz {

    private static final String[] NAMES = {"btrfs", "f2fs"};
    private static final int CHANGE = 7;
    private static final int MAX_LENGTH = 8;

    private UnusedSpaceFuzz() {
    }

    /** Reports the unused space. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        int chosen = (data[0] & 0xFF) % NAMES.length;
        StoredImage image = StoredImage.of(NAMES[chosen]);
        int[] stored = image.stored();
        ByteBuffer changes = ByteBuffer.wrap(data, 1, data.length - 1);
        while (changes.remaining() >= CHANGE) {
            int number = stored[Short.toUnsignedInt(changes.getShort()) % stored.length];
            int length = 1 + (changes.get() & MAX_LENGTH - 1);
            int at = Short.toUnsignedInt(changes.getShort()) % (4096 - MAX_LENGTH);
            int value = changes.getShort();
            for (int i = 0; i < length; i++) {
                image.block(number).put(at + i, (byte) (value >> 8 * (i % 2)));
            }
            if (chosen == 0) {
                image.sealBtrfs(number);
            } else if (image.block(number).getInt(164) == 4092) {
                image.sealF2fs(number);
            }
        }
        Partition partition = Partition.wholeFile(image.size());
        Filesystem.probe(image, partition).ifPresent(filesystem -> requireOrder(image, partition, filesystem));
    }

    /** Requires ranges in the partition, in order and not adjacent. */
    private static void requireOrder(StoredImage image, Partition partition, Filesystem filesystem) {
        long[] last = {-1};
        UnusedSpace.report(image, partition, filesystem, (start, end) -> {
            if (start <= last[0] || end <= start || end > image.size()) {
                throw new IllegalStateException("unused from " + start + " to " + end + " behind " + last[0]);
            }
            last[0] = end;
        }).ifPresent(PartitionsFuzz::requireOneLine);
    }
}
