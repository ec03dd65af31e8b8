package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.RawDevice;

/**
 * Puts an image on a disk and reads it back. The beginning, with the partition table, comes last: until then nobody takes the disk for more
 * than an empty one.
 */
final class CardWriter {

    /** What comes last. Partitions rarely begin before; the first megabyte of a disk is for tables and boot code. */
    static final long HEAD = 1 << 20;
    /** Where the disk's end has what others left there: the copy of a GPT, the superblocks of RAID and ZFS. */
    static final long TAIL = 1 << 20;

    /** What is done with each piece that has to be on the disk. */
    @FunctionalInterface
    private interface Action {
        void apply(long offset, int length) throws IOException;
    }

    private final ByteSource image;
    private final RawDevice device;
    private final Progress progress;
    private final long size;
    private final BlockMap map;

    /** To copy the image as the map says; the disk is as large at least. */
    CardWriter(ByteSource image, BlockMap map, RawDevice device, Progress progress) throws IOException {
        this.image = image;
        this.device = device;
        this.progress = progress;
        this.size = sectors(image.size());
        this.map = map.from(HEAD, new ByteRange(Math.max(size, device.size() - TAIL), device.size()));
    }

    /** The length in whole sectors, in bytes. */
    static long sectors(long bytes) {
        return (bytes + PartitionTable.SECTOR_SIZE - 1) / PartitionTable.SECTOR_SIZE * PartitionTable.SECTOR_SIZE;
    }

    /** Takes away what the disk says it holds. From here on what was there is gone. */
    void erase() throws IOException {
        device.zero(0, Math.min(HEAD, device.size()));
        device.sync();
    }

    void write() throws IOException {
        progress.step("write", map.touched());
        pieces(map, (offset, length) -> device.write(offset, bytes(offset, length)), device::zero);
        progress.step("sync", 0);
        device.sync();
    }

    void verify() throws IOException {
        progress.step("verify", map.touched());
        pieces(map, (offset, length) -> require(offset, bytes(offset, length)), (offset, length) -> require(offset, new byte[length]));
    }

    /** The disk is the image's from here on. */
    void finish() throws IOException {
        byte[] head = bytes(0, (int) Math.min(HEAD, size));
        boolean complete = false;
        try {
            device.write(0, head);
            device.sync();
            require(0, head);
            complete = true;
        } finally {
            if (!complete) {
                device.zero(0, HEAD);
            }
        }
        device.rereadPartitions();
    }

    private void pieces(BlockMap from, Action data, Action zeros) throws IOException {
        for (ByteRange range : from.data()) {
            pieces(new ByteRange(range.start(), sectors(range.end())), data);
        }
        for (ByteRange range : from.zeros()) {
            pieces(range, zeros);
        }
    }

    private void pieces(ByteRange range, Action action) throws IOException {
        for (long at = range.start(); at < range.end(); at += RawDevice.PIECE) {
            int length = (int) Math.min(RawDevice.PIECE, range.end() - at);
            action.apply(at, length);
            progress.advance(length);
        }
    }

    /** Those of the image, and zeros behind its end. */
    private byte[] bytes(long offset, int length) {
        int there = (int) Math.min(length, image.size() - offset);
        return Arrays.copyOf(image.bytes(offset, there), length);
    }

    private void require(long offset, byte[] expected) throws IOException {
        byte[] found = new byte[expected.length];
        device.read(offset, found);
        int mismatch = Arrays.mismatch(expected, found);
        if (mismatch >= 0) {
            throw new Failure(Failure.Kind.FAILED, "byte " + (offset + mismatch) + " does not read as it was written: the card or its"
                    + " reader is broken, or it is smaller than it says");
        }
    }

    /** What was done, by name, for the job's result. */
    BlockMap map() {
        return map;
    }
}
