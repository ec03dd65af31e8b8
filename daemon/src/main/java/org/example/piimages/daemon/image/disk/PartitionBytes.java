package org.example.piimages.daemon.image.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The bytes of a partition; offsets are relative to its beginning. */
public record PartitionBytes(ByteSource source, Partition partition) {

    /**
     * Reads bytes of the partition.
     *
     * @param offset from the beginning of the partition
     * @return a little-endian buffer; empty if the range is not entirely within the partition
     */
    public Optional<ByteBuffer> read(long offset, int length) {
        if (offset < 0 || length < 0 || offset > partition.length() - length) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(source.bytes(partition.start() + offset, length)).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Decodes a field of fixed length up to its first zero byte; invalid UTF-8 is replaced by U+FFFD. */
    public static String text(ByteBuffer bytes, int offset, int length) {
        int end = 0;
        while (end < length && bytes.get(offset + end) != 0) {
            end++;
        }
        return new String(bytes.array(), bytes.arrayOffset() + offset, end, StandardCharsets.UTF_8);
    }

    /** Multiplies values of a superblock; {@link Long#MAX_VALUE} on overflow. The count is unsigned, the unit positive. */
    public static long product(long count, long unit) {
        return Long.compareUnsigned(count, Long.MAX_VALUE / unit) > 0 ? Long.MAX_VALUE : count * unit;
    }
}
