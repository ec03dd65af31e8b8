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
 * Takes an image as it comes out of a download, puts it on a disk, and reads it back. What was written is not there to be compared with
 * then; two checksums of each piece are.
 */
final class CardStream implements ImageSink {

    private final Card card;
    private final long capacity;
    private final Runnable begin;
    /** Of each piece of {@link RawDevice#PIECE}, in order; the first piece's without the head. */
    private long[] sums = new long[256];
    private byte[] head = new byte[0];
    private long length;
    private long written;
    private long zeroed;
    private boolean isVerified;

    /** @param begin called when what comes is known to be an image, before anything on the disk is changed */
    CardStream(Card card, Runnable begin) throws IOException {
        this.card = card;
        this.capacity = card.size();
        this.begin = begin;
    }

    /** How long the image is, in bytes. */
    long length() {
        return length;
    }

    /** How much of it was written as it is, in bytes. */
    long written() {
        return written;
    }

    /** How much of the disk was made to read as zeros, in bytes. */
    long zeroed() {
        return zeroed;
    }

    @Override
    public void write(InputStream stream, Runnable tick) throws IOException {
        byte[] piece = new byte[RawDevice.PIECE];
        for (int got = stream.readNBytes(piece, 0, piece.length); got > 0; got = stream.readNBytes(piece, 0, piece.length)) {
            int whole = (int) Card.sectors(got);
            Arrays.fill(piece, got, whole, (byte) 0);
            if (length == 0) {
                begin(Arrays.copyOf(piece, Math.min(whole, Card.HEAD)));
            }
            int from = length == 0 ? head.length : 0;
            put(length, from == 0 && whole == piece.length ? piece : Arrays.copyOfRange(piece, from, whole));
            length += got;
            tick.run();
        }
    }

    /** Looks whether it is an image, while all is still there. */
    private void begin(byte[] beginning) throws IOException {
        if (!BootSector.isSigned(beginning)) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "its contents do not begin with a partition table; if it is an image of a single"
                    + " filesystem, unpack it first, and write the result");
        }
        head = beginning;
        begin.run();
        card.erase();
    }

    private void put(long start, byte[] bytes) throws IOException {
        SparseWriter.requireEnd(start);
        long offset = start == 0 ? head.length : start;
        if (offset + bytes.length > capacity) {
            throw new Failure(Failure.Kind.NO_SPACE, "the image is larger than the disk (" + capacity + " bytes); use a larger card, or"
                    + " unpack the image, shrink it, and write the result");
        }
        int number = (int) (start / RawDevice.PIECE);
        sums = number < sums.length ? sums : Arrays.copyOf(sums, 2 * number);
        sums[number] = DoubleSum.of(bytes);
        if (isZero(bytes)) {
            zero(new ByteRange(offset, offset + bytes.length));
        } else {
            card.write(offset, bytes);
            written += bytes.length;
        }
    }

    /** Each byte is as the one before it. */
    private static boolean isZero(byte[] bytes) {
        return bytes.length == 0 || bytes[0] == 0 && Arrays.equals(bytes, 0, bytes.length - 1, bytes, 1, bytes.length);
    }

    private void zero(ByteRange range) throws IOException {
        if (range.end() > range.start()) {
            card.zero(range.start(), range.end() - range.start());
            zeroed += range.end() - range.start();
        }
    }

    /** All of the image came. */
    void end(Progress progress) throws IOException {
        if (length == 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it contains no image");
        }
        zero(card.tail(length));
        progress.step("sync", 0);
        card.sync();
    }

    /** Reads the disk where nothing has yet. Throws Failure FAILED where it does not read as it was written. */
    void verify(Progress progress) throws IOException {
        if (!isVerified) {
            verify(OutputStream.nullOutputStream(), progress);
        }
    }

    /** Reads all of the image from the disk, and passes it on. Throws as the other. */
    void verify(OutputStream copy, Progress progress) throws IOException {
        progress.step("verify", length);
        for (long at = 0; at < length; at += RawDevice.PIECE) {
            int there = (int) Math.min(RawDevice.PIECE, length - at);
            byte[] found = read(at, (int) Card.sectors(there));
            if (DoubleSum.of(found) != sums[(int) (at / RawDevice.PIECE)]) {
                throw card.broken("bytes " + at + " to " + (at + there - 1) + " do");
            }
            if (at == 0) {
                copy.write(head, 0, Math.min(head.length, there));
            }
            copy.write(found, 0, at == 0 ? Math.max(0, there - head.length) : there);
            progress.advance(there);
        }
        ByteRange tail = card.tail(length);
        card.require(tail.start(), new byte[(int) (tail.end() - tail.start())]);
        isVerified = true;
    }

    /** A piece without the head, which is not on the disk yet. */
    private byte[] read(long at, int size) throws IOException {
        byte[] bytes = new byte[at == 0 ? size - head.length : size];
        card.read(at == 0 ? head.length : at, bytes);
        return bytes;
    }

    /** Throws Failure INVALID_IMAGE when the table that is to be written makes no sense for what was. */
    void requireTable() {
        PartitionTable.read(new Written());
    }

    /** The disk is the image's from here on. */
    void finish() throws IOException {
        card.finish(head);
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
                byte[] bytes = new byte[(int) (Card.sectors(offset + buffer.length) - start)];
                card.read(start, bytes);
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
