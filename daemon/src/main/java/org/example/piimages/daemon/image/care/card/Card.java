package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;

/**
 * A disk that gets an image. Its beginning, with the partition table, comes last: until then nobody takes the disk for more than an empty
 * one.
 */
final class Card {

    /** What comes last. Partitions rarely begin before; the first megabyte of a disk is for tables and boot code. */
    static final int HEAD = 1 << 20;
    /** Where the disk's end has what others left there: the copy of a GPT, the superblocks of RAID and ZFS. */
    private static final long TAIL = 1 << 20;

    /** What changes the disk. */
    @FunctionalInterface
    interface Change {
        void make() throws IOException;
    }

    /** What the disk holds, for the message that ends a change which came to no end. */
    private enum State {
        UNTOUCHED(""), ERASING(" may have lost what it contained"), PARTIAL(" contains only part of the image and no partition table"),
        FINISHING(" contains the image, but perhaps no valid partition table");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    private final RawDevice device;
    private final String node;
    private State state = State.UNTOUCHED;

    /** The open disk of that node, for messages. */
    Card(RawDevice device, String node) {
        this.device = device;
        this.node = node;
    }

    /** Its length in bytes; 0 when it was taken out. */
    long size() throws IOException {
        return device.size();
    }

    /** The length in whole sectors, in bytes. */
    static long sectors(long bytes) {
        return (bytes + PartitionTable.SECTOR_SIZE - 1) / PartitionTable.SECTOR_SIZE * PartitionTable.SECTOR_SIZE;
    }

    /** What of the disk's end is behind an image of that length, and is to read as zeros. */
    ByteRange tail(long image) throws IOException {
        return new ByteRange(Math.max(sectors(image), device.size() - TAIL), device.size());
    }

    /** Takes away what the disk says it holds. From here on what was there is gone. */
    void erase() throws IOException {
        state = State.ERASING;
        if (!blank()) {
            state = State.UNTOUCHED;
            throw new Failure(Failure.Kind.FAILED,
                    node + " does not keep what is written to it, as a card that is worn out, and its contents"
                            + " are probably unchanged; use another card");
        }
        state = State.PARTIAL;
    }

    /** Whether the beginning reads as zeros then. */
    private boolean blank() throws IOException {
        byte[] nothing = new byte[(int) Math.min(HEAD, device.size())];
        zero(0, nothing.length);
        sync();
        return mismatch(0, nothing) < 0;
    }

    /** Puts the beginning on it, at most {@link #HEAD} bytes, its first sector last: the disk is the image's from here on. */
    void finish(byte[] head) throws IOException {
        byte[] rest = head.clone();
        Arrays.fill(rest, 0, PartitionTable.SECTOR_SIZE, (byte) 0);
        put(rest);
        state = State.FINISHING;
        try {
            put(Arrays.copyOf(head, PartitionTable.SECTOR_SIZE));
        } catch (IOException | Failure e) {
            takeBack(e);
            throw e;
        }
        device.rereadPartitions();
    }

    private void put(byte[] beginning) throws IOException {
        write(0, beginning);
        sync();
        require(0, beginning);
    }

    private void takeBack(Exception cause) {
        try {
            if (blank()) {
                state = State.PARTIAL;
            }
        } catch (IOException | Failure e) {
            cause.addSuppressed(e);
        }
    }

    /** Throws Failure FAILED where the disk does not read so. */
    void require(long offset, byte[] expected) throws IOException {
        int mismatch = mismatch(offset, expected);
        if (mismatch >= 0) {
            throw broken("byte " + (offset + mismatch) + " does");
        }
    }

    private int mismatch(long offset, byte[] expected) throws IOException {
        byte[] found = new byte[expected.length];
        read(offset, found);
        return Arrays.mismatch(expected, found);
    }

    /** FAILED, for what reads otherwise than it was written. */
    Failure broken(String subjectAndVerb) {
        return new Failure(Failure.Kind.FAILED, node + ": " + subjectAndVerb
                + " not match what was written: the card or its reader is defective, or the card is smaller than it reports; use another"
                + " one");
    }

    /** As {@link RawDevice#write}; throws Failure FAILED. */
    void write(long offset, byte[] bytes) throws IOException {
        access("write to ", " at byte " + offset, () -> device.write(offset, bytes));
    }

    /** As {@link RawDevice#zero}; throws Failure FAILED. */
    void zero(long offset, long length) throws IOException {
        access("write to ", " at byte " + offset, () -> device.zero(offset, length));
    }

    /** As {@link RawDevice#read}; throws Failure FAILED. */
    void read(long offset, byte[] bytes) throws IOException {
        access("read ", " at byte " + offset, () -> device.read(offset, bytes));
    }

    /** As {@link RawDevice#sync}; throws Failure FAILED. */
    void sync() throws IOException {
        access("write to ", "", device::sync);
    }

    private void access(String verb, String place, Change access) throws IOException {
        try {
            access.make();
        } catch (IOException e) {
            String cannot = "cannot " + verb + node;
            if (device.isGone()) {
                throw new Failure(Failure.Kind.FAILED, cannot + ": it was removed; insert it again, and repeat the command", e);
            }
            if (e instanceof ErrnoException errno && (errno.errno() == Errno.EPERM || errno.errno() == Errno.EROFS)) {
                throw new Failure(Failure.Kind.FAILED, cannot + ": it has become write-protected, as a card that is worn out; use another"
                        + " card", e);
            }
            String reason = e instanceof ErrnoException errno ? errno.reason() : e.getMessage();
            throw new Failure(Failure.Kind.FAILED,
                    cannot + place + ": " + reason + "; the card or its reader is defective: use another one",
                    e);
        }
    }

    /** Makes changes; when they come to no end, what is thrown says what the disk holds now. */
    void change(Change change, Progress progress) throws IOException {
        try {
            change.make();
        } catch (CancellationException e) {
            throw cancelled(e);
        } catch (IOException | Failure e) {
            requireWanted(progress);
            throw e instanceof Failure failure ? new Failure(failure.kind(), e.getMessage() + remains(". "), e)
                    : new Failure(Failure.Kind.FAILED, "cannot write to " + node + ": " + e.getMessage() + remains(". "), e);
        }
    }

    /** A tool that is ended because the job is cancelled fails, which is not what there is to tell. */
    private void requireWanted(Progress progress) {
        try {
            progress.advance(0);
        } catch (CancellationException e) {
            throw cancelled(e);
        }
    }

    private CancellationException cancelled(CancellationException e) {
        return state == State.UNTOUCHED ? e : new CancellationException("cancelled" + remains("; ") + "; write it again");
    }

    private String remains(String separator) {
        return state == State.UNTOUCHED ? "" : separator + node + state.text;
    }
}
