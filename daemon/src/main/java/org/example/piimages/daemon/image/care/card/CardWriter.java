package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.Arrays;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;

/** Writes an image to a disk and reads it back. The beginning is written last. */
final class CardWriter {

    /** An operation on a range of the disk. */
    @FunctionalInterface
    private interface Action {
        void apply(long offset, int length) throws IOException;
    }

    private final ByteSource image;
    private final TargetDisk disk;
    private final Progress progress;
    private final BlockMap map;

    /**
     * Creates a writer of the ranges in the map.
     *
     * @param disk the disk, which is not smaller than the image
     */
    CardWriter(ByteSource image, BlockMap map, TargetDisk disk, Progress progress) throws IOException {
        this.image = image;
        this.disk = disk;
        this.progress = progress;
        this.map = map.from(TargetDisk.HEAD, disk.tail(image.size()));
    }

    void write() throws IOException {
        progress.step("write", map.changedBytes());
        pieces(map, (offset, length) -> disk.write(offset, bytes(offset, length)), disk::zero);
        progress.step("sync", 0);
        disk.sync();
    }

    void verify() throws IOException {
        progress.step("verify", map.changedBytes());
        pieces(map, (offset, length) -> disk.require(offset, bytes(offset, length)),
                (offset, length) -> disk.require(offset, new byte[length]));
    }

    /** Writes the beginning, which makes the image on the disk valid. */
    void finish() throws IOException {
        disk.finish(bytes(0, (int) Math.min(TargetDisk.HEAD, TargetDisk.sectors(image.size()))));
    }

    private void pieces(BlockMap from, Action data, Action zeros) throws IOException {
        for (ByteRange range : from.data()) {
            pieces(new ByteRange(range.start(), TargetDisk.sectors(range.end())), data);
        }
        for (ByteRange range : from.zeros()) {
            pieces(range, zeros);
        }
    }

    private void pieces(ByteRange range, Action action) throws IOException {
        for (long at = range.start(); at < range.end(); at += RawDevice.MAX_LENGTH) {
            int length = (int) Math.min(RawDevice.MAX_LENGTH, range.end() - at);
            action.apply(at, length);
            progress.advance(length);
        }
    }

    /** Reads bytes of the image, padded with zeros after its end. */
    private byte[] bytes(long offset, int length) {
        int available = (int) Math.min(length, image.size() - offset);
        return Arrays.copyOf(image.bytes(offset, available), length);
    }

    /** The ranges that are written, zeroed and skipped, without the beginning. */
    BlockMap map() {
        return map;
    }
}
