package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ImageSink;
import org.example.piimages.daemon.image.care.SparseWriter;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;

/**
 * Writes an image to a disk while it is unpacked from a download, and reads it back. As the image cannot be kept for the comparison, two
 * checksums of each piece are.
 */
final class CardStream implements ImageSink {

    private final TargetDisk disk;
    private final long capacity;
    private final Runnable begin;
    /** The checksums of the pieces of {@link RawDevice#MAX_LENGTH} bytes, in order; that of the first piece excludes the head. */
    private long[] sums = new long[256];
    private byte[] head = new byte[0];
    private long length;
    private long written;
    private long zeroed;
    private boolean isVerified;

    /** @param begin called when the stream is known to be an image, before the disk is changed */
    CardStream(TargetDisk disk, Runnable begin) throws IOException {
        this.disk = disk;
        this.capacity = disk.size();
        this.begin = begin;
    }

    /** The length of the image, in bytes; final when the stream has ended. */
    long length() {
        return length;
    }

    /** The number of bytes that were written as data. */
    long written() {
        return written;
    }

    /** The number of bytes that were zeroed. */
    long zeroed() {
        return zeroed;
    }

    @Override
    public void write(InputStream stream, Runnable tick) throws IOException {
        byte[] piece = new byte[RawDevice.MAX_LENGTH];
        for (int count = stream.readNBytes(piece, 0, piece.length); count > 0; count = stream.readNBytes(piece, 0, piece.length)) {
            int padded = (int) TargetDisk.sectors(count);
            Arrays.fill(piece, count, padded, (byte) 0);
            if (length == 0) {
                begin(Arrays.copyOf(piece, Math.min(padded, TargetDisk.HEAD)));
            }
            int from = length == 0 ? head.length : 0;
            put(length, from == 0 && padded == piece.length ? piece : Arrays.copyOfRange(piece, from, padded));
            length += count;
            tick.run();
        }
    }

    /** Requires the beginning of an image, before the disk is erased. */
    private void begin(byte[] beginning) throws IOException {
        if (!BootSector.isSigned(beginning)) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "its contents do not begin with a partition table; if it is an image of a single"
                    + " filesystem, unpack it first, and write the result");
        }
        head = beginning;
        begin.run();
        disk.erase();
    }

    private void put(long start, byte[] bytes) throws IOException {
        SparseWriter.requireMaxSize(start);
        long offset = start == 0 ? head.length : start;
        if (offset + bytes.length > capacity) {
            throw new Failure(Failure.Kind.NO_SPACE, "the image is larger than the disk (" + capacity + " bytes); use a larger card, or"
                    + " unpack the image, shrink it, and write the result");
        }
        int number = (int) (start / RawDevice.MAX_LENGTH);
        sums = number < sums.length ? sums : Arrays.copyOf(sums, 2 * number);
        sums[number] = CombinedChecksum.of(bytes);
        if (isZero(bytes)) {
            zero(new ByteRange(offset, offset + bytes.length));
        } else {
            disk.write(offset, bytes);
            written += bytes.length;
        }
    }

    /** Whether all bytes are zero: the first is, and each equals the previous one. */
    private static boolean isZero(byte[] bytes) {
        return bytes.length == 0 || bytes[0] == 0 && Arrays.equals(bytes, 0, bytes.length - 1, bytes, 1, bytes.length);
    }

    private void zero(ByteRange range) throws IOException {
        if (range.end() > range.start()) {
            disk.zero(range.start(), range.end() - range.start());
            zeroed += range.end() - range.start();
        }
    }

    /**
     * Completes the image after the end of the stream: zeroes the end of the disk, and syncs it. The head is still missing.
     *
     * @throws Failure INVALID_IMAGE if the stream was empty
     */
    void end(Progress progress) throws IOException {
        if (length == 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it contains no image");
        }
        zero(disk.tail(length));
        progress.step("sync", 0);
        disk.sync();
    }

    /** Verifies the disk, unless this was done already. Throws Failure FAILED if it reads differently from what was written. */
    void verify(Progress progress) throws IOException {
        if (!isVerified) {
            verify(OutputStream.nullOutputStream(), progress);
        }
    }

    /**
     * Verifies the disk and writes the image as read from it to {@code copy}.
     *
     * @throws Failure FAILED if the disk reads differently from what was written
     */
    void verify(OutputStream copy, Progress progress) throws IOException {
        progress.step("verify", length);
        for (long at = 0; at < length; at += RawDevice.MAX_LENGTH) {
            int count = (int) Math.min(RawDevice.MAX_LENGTH, length - at);
            byte[] actual = read(at, (int) TargetDisk.sectors(count));
            if (CombinedChecksum.of(actual) != sums[(int) (at / RawDevice.MAX_LENGTH)]) {
                throw disk.mismatched("bytes " + at + " to " + (at + count - 1) + " do");
            }
            if (at == 0) {
                copy.write(head, 0, Math.min(head.length, count));
            }
            copy.write(actual, 0, at == 0 ? Math.max(0, count - head.length) : count);
            progress.advance(count);
        }
        ByteRange tail = disk.tail(length);
        disk.require(tail.start(), new byte[(int) (tail.end() - tail.start())]);
        isVerified = true;
    }

    /** Reads a piece; the first one without the head, which is not on the disk yet. */
    private byte[] read(long at, int size) throws IOException {
        byte[] bytes = new byte[at == 0 ? size - head.length : size];
        disk.read(at == 0 ? head.length : at, bytes);
        return bytes;
    }

    /** Throws Failure INVALID_IMAGE if the partition table in the head is invalid for the image that was written. */
    void requireTable() {
        PartitionTable.read(new Written());
    }

    /** Writes the head, which makes the image on the disk valid. */
    void finish() throws IOException {
        disk.finish(head);
        written += head.length;
    }

    /** The image as it will be on the disk. */
    private final class Written implements ByteSource {
        @Override
        public long size() {
            return length;
        }

        @Override
        public void read(long offset, byte[] buffer) {
            try {
                long start = offset / PartitionTable.SECTOR_SIZE * PartitionTable.SECTOR_SIZE;
                byte[] bytes = new byte[(int) (TargetDisk.sectors(offset + buffer.length) - start)];
                disk.read(start, bytes);
                if (start < head.length) {
                    System.arraycopy(head, (int) start, bytes, 0, (int) Math.min(head.length - start, bytes.length));
                }
                System.arraycopy(bytes, (int) (offset - start), buffer, 0, buffer.length);
            } catch (IOException e) {
                throw new Failure(Failure.Kind.FAILED, "cannot read the disk: " + e.getMessage(), e);
            }
        }
    }
}
