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

/** Reads what of a disk belongs into a backup, and reads it again to see whether it is the same. */
final class CardReader {

    /** How much is tried at once around what cannot be read, and then the least that is given up; in bytes. */
    private static final int[] STEPS = {64 * 1024, 4096};

    /** A piece that was read, by what a second reading has to give. */
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
     * Reads nothing yet.
     *
     * @param node the disk's name for messages
     * @param skipsBad whether what cannot be read is taken for zeros
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

    /** What could not be read. */
    UnreadableRanges unreadable() {
        return unreadable;
    }

    /**
     * Reads the disk from its beginning to its end, and passes it on; what is not used is zeros.
     *
     * @throws Failure FAILED with what cannot be read, unless that is to be skipped
     */
    void read(CardSink sink) throws IOException {
        List<ByteRange> ranges = contents.toRead();
        progress.step("read", BlockMap.total(ranges));
        long done = 0;
        for (ByteRange range : ranges) {
            pass(sink, range.start() - done);
            for (long at = range.start(); at < range.end(); at += RawDevice.PIECE) {
                byte[] bytes = read(new ByteRange(at, Math.min(at + RawDevice.PIECE, range.end())));
                if (isWorthKeeping()) {
                    sink.data(bytes);
                }
                progress.advance(bytes.length);
            }
            done = range.end();
        }
        pass(sink, contents.size() - done);
        if (isWorthKeeping()) {
            sink.end();
        }
        if (!unreadable.isEmpty()) {
            new DamagedFiles(device, node, contents, progress).find(unreadable);
            requireThere();
        }
        if (!isWorthKeeping()) {
            throw cannotRead("; to back up all else, with zeros in place of these, use the option skip-bad");
        }
    }

    /** What fails in the end is read on only to tell all that cannot be read. */
    private boolean isWorthKeeping() {
        return skipsBad || unreadable.isEmpty();
    }

    private void pass(CardSink sink, long zeros) throws IOException {
        if (zeros > 0 && isWorthKeeping()) {
            sink.zeros(zeros);
        }
    }

    private Failure cannotRead(String rest) {
        return new Failure(Failure.Kind.FAILED, "cannot read " + node + ": " + unreadable.text() + rest);
    }

    private byte[] read(ByteRange range) throws IOException {
        byte[] bytes = new byte[(int) range.length()];
        if (tryRead(range, bytes)) {
            blank(range, bytes);
            pieces.add(new Piece(range, DoubleSum.of(bytes)));
        } else {
            Arrays.fill(bytes, (byte) 0);
            for (ByteRange used : contents.used(range)) {
                salvage(used, range.start(), bytes, 0);
            }
        }
        return bytes;
    }

    /** Reads what can be read of a range in ever smaller steps; into an array that begins at an offset of the disk. */
    private void salvage(ByteRange range, long start, byte[] bytes, int step) throws IOException {
        for (long at = range.start(); at < range.end(); at += STEPS[step]) {
            ByteRange part = new ByteRange(at, Math.min(at + STEPS[step], range.end()));
            byte[] found = new byte[(int) part.length()];
            progress.advance(0);
            if (tryRead(part, found)) {
                System.arraycopy(found, 0, bytes, (int) (at - start), found.length);
                pieces.add(new Piece(part, DoubleSum.of(found)));
            } else if (step + 1 < STEPS.length) {
                salvage(part, start, bytes, step + 1);
            } else {
                giveUp(part);
            }
        }
    }

    private void giveUp(ByteRange range) {
        unreadable.add(contents.partition(range.start()), range.start(), range.length());
        if (unreadable.isFull()) {
            throw cannotRead("; it seems to be defective");
        }
    }

    /** False where the medium cannot be read. Throws Failure FAILED where the disk does not answer. */
    private boolean tryRead(ByteRange range, byte[] bytes) throws IOException {
        try {
            device.read(range.start(), bytes);
            return true;
        } catch (ErrnoException e) {
            requireThere();
            if (RawDevice.isOfTheMedium(e) && device.size() == contents.size()) {
                return false;
            }
            throw new Failure(Failure.Kind.FAILED, "cannot read " + node + ": " + e.reason(), e);
        } catch (IOException e) {
            requireThere();
            throw new Failure(Failure.Kind.FAILED, "cannot read " + node + ": " + e.getMessage(), e);
        }
    }

    /** Throws Failure FAILED where the disk was taken out. */
    void requireThere() {
        if (device.isGone()) {
            throw new Failure(Failure.Kind.FAILED, "cannot read " + node + ": it was removed, so there is no backup; insert it again, and"
                    + " repeat the command");
        }
    }

    /** Reads what is used of a range, where something that is not cannot be read any more. */
    private boolean tryReadUsed(ByteRange range, byte[] bytes) throws IOException {
        List<ByteRange> used = contents.used(range);
        if (used.equals(List.of(range))) {
            return false;
        }
        Arrays.fill(bytes, (byte) 0);
        for (ByteRange part : used) {
            byte[] found = new byte[(int) part.length()];
            if (!tryRead(part, found)) {
                return false;
            }
            System.arraycopy(found, 0, bytes, (int) (part.start() - range.start()), found.length);
        }
        return true;
    }

    /** What is not used is nobody's data: it does not belong into the backup, and need not be the same again. */
    private void blank(ByteRange range, byte[] bytes) {
        for (ByteRange unused : contents.unusedIn(range)) {
            Arrays.fill(bytes, (int) (unused.start() - range.start()), (int) (unused.end() - range.start()), (byte) 0);
        }
    }

    /**
     * Reads all that could be read once more.
     *
     * @throws Failure FAILED where it is not the same
     */
    void verify() throws IOException {
        progress.step("verify", pieces.stream().mapToLong(piece -> piece.range().length()).sum());
        for (Piece piece : pieces) {
            byte[] bytes = new byte[(int) piece.range().length()];
            boolean readable = tryRead(piece.range(), bytes) || tryReadUsed(piece.range(), bytes);
            blank(piece.range(), bytes);
            if (!readable || DoubleSum.of(bytes) != piece.sum()) {
                throw new Failure(Failure.Kind.FAILED, node + ": bytes " + piece.range().start() + " to " + (piece.range().end() - 1)
                        + (readable ? " do not read the same twice" : " can be read only sometimes")
                        + ": the card or its reader is defective; try another reader, or skip the verification");
            }
            progress.advance(bytes.length);
        }
    }
}
