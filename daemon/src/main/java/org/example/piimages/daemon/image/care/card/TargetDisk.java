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
 * A disk that an image is written to. Its beginning, with the partition table, is written last, so that until then the disk looks empty.
 */
final class TargetDisk {

    /**
     * The number of bytes at the beginning that are written last. The first megabyte of a disk holds tables and boot code; partitions
     * rarely begin in it.
     */
    static final int HEAD = 1 << 20;
    /** The number of bytes at the end of the disk that can hold stale metadata: the backup GPT, and superblocks of RAID and ZFS. */
    private static final long TAIL = 1 << 20;

    /** An operation that accesses the disk. */
    @FunctionalInterface
    interface Change {
        void make() throws IOException;
    }

    /** The state of the disk, for the message if a change fails. */
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

    /**
     * Wraps an open disk.
     *
     * @param node the path of its device node, for messages
     */
    TargetDisk(RawDevice device, String node) {
        this.device = device;
        this.node = node;
    }

    /** The size of the disk, in bytes; 0 if it was removed. */
    long size() throws IOException {
        return device.size();
    }

    /** Rounds a length in bytes up to a multiple of the sector size. */
    static long sectors(long bytes) {
        return (bytes + PartitionTable.SECTOR_SIZE - 1) / PartitionTable.SECTOR_SIZE * PartitionTable.SECTOR_SIZE;
    }

    /** The range at the end of the disk, after an image of that length in bytes, that must read as zeros. */
    ByteRange tail(long image) throws IOException {
        return new ByteRange(Math.max(sectors(image), device.size() - TAIL), device.size());
    }

    /**
     * Overwrites the beginning of the disk with zeros. From here on the old contents are lost.
     *
     * @throws Failure FAILED if the disk does not store them
     */
    void erase() throws IOException {
        state = State.ERASING;
        if (!zeroHead()) {
            state = State.UNTOUCHED;
            throw new Failure(Failure.Kind.FAILED,
                    node + " does not keep what is written to it, as a card that is worn out, and its contents"
                            + " are probably unchanged; use another card");
        }
        state = State.PARTIAL;
    }

    /** Zeroes the beginning of the disk; returns whether it reads as zeros afterwards. */
    private boolean zeroHead() throws IOException {
        byte[] nothing = new byte[(int) Math.min(HEAD, device.size())];
        zero(0, nothing.length);
        sync();
        return mismatch(0, nothing) < 0;
    }

    /** Writes the beginning of the image, at most {@link #HEAD} bytes, the first sector last. This makes the image on the disk valid. */
    void finish(byte[] head) throws IOException {
        byte[] rest = head.clone();
        Arrays.fill(rest, 0, PartitionTable.SECTOR_SIZE, (byte) 0);
        put(rest);
        state = State.FINISHING;
        try {
            put(Arrays.copyOf(head, PartitionTable.SECTOR_SIZE));
        } catch (IOException | Failure e) {
            eraseAgain(e);
            throw e;
        }
        device.rereadPartitions();
    }

    private void put(byte[] beginning) throws IOException {
        write(0, beginning);
        sync();
        require(0, beginning);
    }

    private void eraseAgain(Exception cause) {
        try {
            if (zeroHead()) {
                state = State.PARTIAL;
            }
        } catch (IOException | Failure e) {
            cause.addSuppressed(e);
        }
    }

    /** Throws Failure FAILED if the disk does not contain {@code expected} at {@code offset}. */
    void require(long offset, byte[] expected) throws IOException {
        int mismatch = mismatch(offset, expected);
        if (mismatch >= 0) {
            throw mismatched("byte " + (offset + mismatch) + " does");
        }
    }

    private int mismatch(long offset, byte[] expected) throws IOException {
        byte[] actual = new byte[expected.length];
        read(offset, actual);
        return Arrays.mismatch(expected, actual);
    }

    /** Creates the Failure FAILED for a disk that reads differently from what was written. */
    Failure mismatched(String subjectAndVerb) {
        return new Failure(Failure.Kind.FAILED, node + ": " + subjectAndVerb
                + " not match what was written: the card or its reader is defective, or the card is smaller than it reports; use another"
                + " one");
    }

    /** Like {@link RawDevice#write}, but throws Failure FAILED. */
    void write(long offset, byte[] bytes) throws IOException {
        access("write to ", " at byte " + offset, () -> device.write(offset, bytes));
    }

    /** Like {@link RawDevice#zero}, but throws Failure FAILED. */
    void zero(long offset, long length) throws IOException {
        access("write to ", " at byte " + offset, () -> device.zero(offset, length));
    }

    /** Like {@link RawDevice#read}, but throws Failure FAILED. */
    void read(long offset, byte[] bytes) throws IOException {
        access("read ", " at byte " + offset, () -> device.read(offset, bytes));
    }

    /** Like {@link RawDevice#sync}, but throws Failure FAILED. */
    void sync() throws IOException {
        access("write to ", "", device::sync);
    }

    private void access(String verb, String place, Change access) throws IOException {
        try {
            access.make();
        } catch (IOException e) {
            String cannot = "cannot " + verb + node;
            if (device.isRemoved()) {
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

    /**
     * Runs an operation that changes the disk. If it fails or is cancelled, the message of the exception describes the state of the disk.
     */
    void change(Change change, Progress progress) throws IOException {
        try {
            change.make();
        } catch (CancellationException e) {
            throw cancelled(e);
        } catch (IOException | Failure e) {
            requireNotCancelled(progress);
            throw e instanceof Failure failure ? new Failure(failure.kind(), e.getMessage() + stateText(". "), e)
                    : new Failure(Failure.Kind.FAILED, "cannot write to " + node + ": " + e.getMessage() + stateText(". "), e);
        }
    }

    /**
     * Throws CancellationException if the job was cancelled: the failure of a tool that was killed for that reason is not worth reporting.
     */
    private void requireNotCancelled(Progress progress) {
        try {
            progress.advance(0);
        } catch (CancellationException e) {
            throw cancelled(e);
        }
    }

    private CancellationException cancelled(CancellationException e) {
        return state == State.UNTOUCHED ? e : new CancellationException("cancelled" + stateText("; ") + "; write it again");
    }

    private String stateText(String separator) {
        return state == State.UNTOUCHED ? "" : separator + node + state.text;
    }
}
