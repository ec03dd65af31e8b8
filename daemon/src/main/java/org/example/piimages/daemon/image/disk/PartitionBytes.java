package org.example.piimages.daemon.image.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The bytes of one partition, counted from its own beginning. */
public record PartitionBytes(ByteSource source, Partition partition) {

    /**
     * Reads a piece.
     *
     * @param offset from the beginning of the partition
     * @return the bytes, little-endian; empty when the partition does not hold all of them
     */
    public Optional<ByteBuffer> read(long offset, int length) {
        if (offset < 0 || length < 0 || offset > partition.length() - length) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(source.bytes(partition.start() + offset, length)).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** The text in a field of fixed length that ends at its first zero byte; what is not UTF-8 becomes U+FFFD. */
    public static String text(ByteBuffer bytes, int offset, int length) {
        int end = 0;
        while (end < length && bytes.get(offset + end) != 0) {
            end++;
        }
        return new String(bytes.array(), bytes.arrayOffset() + offset, end, StandardCharsets.UTF_8);
    }

    /** A product of what a superblock says; {@link Long#MAX_VALUE} when it is more than that. The count is unsigned, the unit positive. */
    public static long product(long count, long unit) {
        return Long.compareUnsigned(count, Long.MAX_VALUE / unit) > 0 ? Long.MAX_VALUE : count * unit;
    }
}
