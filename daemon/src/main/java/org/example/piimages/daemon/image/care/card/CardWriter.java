package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.Arrays;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;

/** Puts an image on a disk and reads it back; the beginning comes last. */
final class CardWriter {

    /** What is done with each piece that has to be on the disk. */
    @FunctionalInterface
    private interface Action {
        void apply(long offset, int length) throws IOException;
    }

    private final ByteSource image;
    private final Card card;
    private final Progress progress;
    private final BlockMap map;

    /** To copy the image as the map says; the disk is as large at least. */
    CardWriter(ByteSource image, BlockMap map, Card card, Progress progress) throws IOException {
        this.image = image;
        this.card = card;
        this.progress = progress;
        this.map = map.from(Card.HEAD, card.tail(image.size()));
    }

    void write() throws IOException {
        progress.step("write", map.touched());
        pieces(map, (offset, length) -> card.write(offset, bytes(offset, length)), card::zero);
        progress.step("sync", 0);
        card.sync();
    }

    void verify() throws IOException {
        progress.step("verify", map.touched());
        pieces(map, (offset, length) -> card.require(offset, bytes(offset, length)),
                (offset, length) -> card.require(offset, new byte[length]));
    }

    /** The disk is the image's from here on. */
    void finish() throws IOException {
        card.finish(bytes(0, (int) Math.min(Card.HEAD, Card.sectors(image.size()))));
    }

    private void pieces(BlockMap from, Action data, Action zeros) throws IOException {
        for (ByteRange range : from.data()) {
            pieces(new ByteRange(range.start(), Card.sectors(range.end())), data);
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

    /** What was done, by name, for the job's result. */
    BlockMap map() {
        return map;
    }
}
