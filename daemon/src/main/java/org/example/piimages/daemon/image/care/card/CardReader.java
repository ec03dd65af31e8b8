package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.CardContents;
import org.example.piimages.daemon.image.care.CardSink;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.libc.ErrnoException;

/** Reads the parts of a disk that belong in a backup, and reads them again to verify that the disk returns the same data. */
final class CardReader {

    /** The sizes of reads around unreadable data, in bytes; a unit of the last size that cannot be read is skipped. */
    private static final int[] RETRY_SIZES = {64 * 1024, 4096};

    /** A piece that was read, and the checksum that the second read must have. */
    private record Piece(ByteRange range, long sum) {
    }

    private final RawDevice device;
    private final String node;
    private final CardContents contents;
    private final boolean skipsBad;
    private final Progress progress;
    private final List<Piece> pieces = new ArrayList<>();
    private final UnreadableRanges unreadable = new UnreadableRanges();

    /**
     * Creates a reader; nothing is read yet.
     *
     * @param node the path of the device node, for messages
     * @param skipsBad whether unreadable data is replaced by zeros
     */
    CardReader(RawDevice device, String node, CardContents contents, boolean skipsBad, Progress progress) {
        this.device = device;
        this.node = node;
        this.contents = contents;
        this.skipsBad = skipsBad;
        this.progress = progress;
    }

    CardContents contents() {
        return contents;
    }

    /** The ranges that could not be read. */
    UnreadableRanges unreadable() {
        return unreadable;
    }

    /**
     * Reads the disk from beginning to end and passes it to the sink. Unused space is passed as zeros.
     *
     * @throws Failure FAILED with the ranges that cannot be read, unless they are to be skipped
     */
    void read(CardSink sink) throws IOException {
        List<ByteRange> ranges = contents.rangesToRead();
        progress.step("read", BlockMap.total(ranges));
        long done = 0;
        for (ByteRange range : ranges) {
            writeZeros(sink, range.start() - done);
            for (long at = range.start(); at < range.end(); at += RawDevice.MAX_LENGTH) {
                byte[] bytes = read(new ByteRange(at, Math.min(at + RawDevice.MAX_LENGTH, range.end())));
                if (isBackupPossible()) {
                    sink.data(bytes);
                }
                progress.advance(bytes.length);
            }
            done = range.end();
        }
        writeZeros(sink, contents.size() - done);
        if (isBackupPossible()) {
            sink.end();
        }
        if (!unreadable.isEmpty()) {
            new DamagedFiles(device, node, contents, progress).find(unreadable);
            requirePresent();
        }
        if (!isBackupPossible()) {
            throw cannotRead("; to back up all else, with zeros in place of these, use the option skip-bad");
        }
    }

    /** Whether the data is still passed on. If reading is going to fail, the rest is read only to report all unreadable ranges. */
    private boolean isBackupPossible() {
        return skipsBad || unreadable.isEmpty();
    }

    private void writeZeros(CardSink sink, long zeros) throws IOException {
        if (zeros > 0 && isBackupPossible()) {
            sink.zeros(zeros);
        }
    }

    private Failure cannotRead(String rest) {
        return new Failure(Failure.Kind.FAILED, "cannot read " + node + ": " + unreadable.text() + rest);
    }

    private byte[] read(ByteRange range) throws IOException {
        byte[] bytes = new byte[(int) range.length()];
        if (tryRead(range, bytes)) {
            zeroUnused(range, bytes);
            pieces.add(new Piece(range, CombinedChecksum.of(bytes)));
        } else {
            Arrays.fill(bytes, (byte) 0);
            for (ByteRange used : contents.used(range)) {
                salvage(used, range.start(), bytes, 0);
            }
        }
        return bytes;
    }

    /**
     * Reads the readable parts of a range in ever smaller steps.
     *
     * @param start the offset on the disk of the first byte of {@code bytes}
     * @param step the index in {@link #RETRY_SIZES}
     */
    private void salvage(ByteRange range, long start, byte[] bytes, int step) throws IOException {
        for (long at = range.start(); at < range.end(); at += RETRY_SIZES[step]) {
            ByteRange part = new ByteRange(at, Math.min(at + RETRY_SIZES[step], range.end()));
            byte[] actual = new byte[(int) part.length()];
            progress.advance(0);
            if (tryRead(part, actual)) {
                System.arraycopy(actual, 0, bytes, (int) (at - start), actual.length);
                pieces.add(new Piece(part, CombinedChecksum.of(actual)));
            } else if (step + 1 < RETRY_SIZES.length) {
                salvage(part, start, bytes, step + 1);
            } else {
                skip(part);
            }
        }
    }

    private void skip(ByteRange range) {
        unreadable.add(contents.partition(range.start()), range.start(), range.length());
        if (unreadable.isFull()) {
            throw cannotRead("; it seems to be defective");
        }
    }

    /** Reads a range; returns false for a medium error. Throws Failure FAILED if the disk was removed or does not respond. */
    private boolean tryRead(ByteRange range, byte[] bytes) throws IOException {
        try {
            device.read(range.start(), bytes);
            return true;
        } catch (ErrnoException e) {
            requirePresent();
            if (RawDevice.isMediumError(e) && device.size() == contents.size()) {
                return false;
            }
            throw new Failure(Failure.Kind.FAILED, "cannot read " + node + ": " + e.reason(), e);
        } catch (IOException e) {
            requirePresent();
            throw new Failure(Failure.Kind.FAILED, "cannot read " + node + ": " + e.getMessage(), e);
        }
    }

    /** Throws Failure FAILED if the disk was removed. */
    void requirePresent() {
        if (device.isRemoved()) {
            throw new Failure(Failure.Kind.FAILED, "cannot read " + node + ": it was removed, so there is no backup; insert it again, and"
                    + " repeat the command");
        }
    }

    /** Reads only the used parts of a range, after the whole range could not be read. Returns false if one of them is unreadable, too. */
    private boolean tryReadUsed(ByteRange range, byte[] bytes) throws IOException {
        List<ByteRange> used = contents.used(range);
        if (used.equals(List.of(range))) {
            return false;
        }
        Arrays.fill(bytes, (byte) 0);
        for (ByteRange part : used) {
            byte[] actual = new byte[(int) part.length()];
            if (!tryRead(part, actual)) {
                return false;
            }
            System.arraycopy(actual, 0, bytes, (int) (part.start() - range.start()), actual.length);
        }
        return true;
    }

    /** Zeroes the unused parts of a piece: they do not belong in the backup, and may differ when they are read again. */
    private void zeroUnused(ByteRange range, byte[] bytes) {
        for (ByteRange unused : contents.unusedIn(range)) {
            Arrays.fill(bytes, (int) (unused.start() - range.start()), (int) (unused.end() - range.start()), (byte) 0);
        }
    }

    /**
     * Reads everything that could be read a second time.
     *
     * @throws Failure FAILED if it differs
     */
    void verify() throws IOException {
        progress.step("verify", pieces.stream().mapToLong(piece -> piece.range().length()).sum());
        for (Piece piece : pieces) {
            byte[] bytes = new byte[(int) piece.range().length()];
            boolean readable = tryRead(piece.range(), bytes) || tryReadUsed(piece.range(), bytes);
            zeroUnused(piece.range(), bytes);
            if (!readable || CombinedChecksum.of(bytes) != piece.sum()) {
                throw new Failure(Failure.Kind.FAILED, node + ": bytes " + piece.range().start() + " to " + (piece.range().end() - 1)
                        + (readable ? " do not read the same twice" : " can be read only sometimes")
                        + ": the card or its reader is defective; try another reader, or skip the verification");
            }
            progress.advance(bytes.length);
        }
    }
}
