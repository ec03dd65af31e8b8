package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.CardContents;
import org.example.piimages.daemon.image.care.NewFile;
import org.example.piimages.daemon.image.care.SparseWriter;
import org.example.piimages.daemon.image.care.packing.Compression;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.file.CardDevice;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.daemon.linux.file.Credentials;

/** Backs up a card to a new file, compressed according to the file name, and reads the card again to verify it. */
public final class ReadDevice implements Work {

    /**
     * The options of a backup.
     *
     * @param fixed whether the disk may be non-removable
     * @param skipsBad whether unreadable data is replaced by zeros
     * @param verifies whether the disk is read a second time and compared
     * @param margin the free space of the last filesystem, in bytes, if the backup is to be shrunk; empty if it is not
     */
    public record Settings(boolean fixed, boolean skipsBad, boolean verifies, OptionalLong margin) {
    }

    private final CardDevice disk;
    private final String target;
    private final Credentials credentials;
    private final Settings settings;

    /**
     * Creates a job that backs up the disk to the path {@code target}, which must not exist.
     *
     * @param uid the owner of the file
     * @param groups the owner's groups, the primary group first
     */
    public ReadDevice(CardDevice disk, String target, int uid, int[] groups, Settings settings) {
        this.disk = disk;
        this.target = target;
        this.credentials = new Credentials(uid, groups);
        this.settings = settings;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        Optional<Compression> compression = compression();
        try (NewFile file = NewFile.at(target, credentials)) {
            if (settings.margin().isEmpty()) {
                return complete(file, read(file, compression, progress), progress);
            }
            try (ShrunkBackup shrunk = new ShrunkBackup(file, credentials, compression, disk.node(), settings.margin().getAsLong())) {
                Map<String, Object> outcome = read(shrunk, progress);
                outcome.put("image-size", shrunk.complete((UnreadableRanges) outcome.get("unreadable"), progress));
                return complete(file, outcome, progress);
            }
        } catch (Failure failure) {
            throw about(failure);
        }
    }

    private Map<String, Object> read(NewFile file, Optional<Compression> compression, Progress progress) throws IOException {
        try (RawDevice device = open()) {
            CardReader reader = reader(device, progress);
            fill(file, reader, device.size(), compression, progress);
            return verified(reader, device, progress);
        }
    }

    /** Reads the disk into a file that is shrunk afterwards, when the disk is no longer required. */
    private Map<String, Object> read(ShrunkBackup shrunk, Progress progress) throws IOException {
        try (RawDevice device = open()) {
            CardReader reader = reader(device, progress);
            shrunk.requireShrinkable(new DeviceSource(device, progress), progress);
            reader.read(shrunk.sink());
            shrunk.requireSound(reader.unreadable(), progress);
            return verified(reader, device, progress);
        }
    }

    private RawDevice open() throws IOException {
        RawDevice device = disk.openForReading(settings.fixed());
        if (device.size() > SparseWriter.MAX_SIZE) {
            device.close();
            throw new Failure(Failure.Kind.UNSUPPORTED, disk.node() + " is larger than 2 TiB, so it is not a card");
        }
        return device;
    }

    private CardReader reader(RawDevice device, Progress progress) throws IOException {
        progress.step("map", 0);
        CardContents contents = CardContents.of(new DeviceSource(device, progress));
        CardReader reader = new CardReader(device, disk.node(), contents, settings.skipsBad(), progress);
        reader.requirePresent();
        return reader;
    }

    /** Verifies the disk if requested, and returns the result of the job. */
    private Map<String, Object> verified(CardReader reader, RawDevice device, Progress progress) throws IOException {
        if (settings.verifies()) {
            reader.verify();
            CardContents again = CardContents.of(new DeviceSource(device, progress));
            reader.requirePresent();
            requireSame(reader.contents(), again);
        }
        return outcome(reader.contents(), reader.unreadable());
    }

    private static Map<String, Object> complete(NewFile file, Map<String, Object> outcome, Progress progress) throws IOException {
        progress.step("sync", 0);
        file.file().sync();
        outcome.put("size", file.file().length());
        progress.ready(outcome);
        progress.commit();
        file.completeForOwner();
        return outcome;
    }

    /** Requires that the tables that determine the unused ranges read the same twice, too. */
    private void requireSame(CardContents first, CardContents second) {
        if (!first.unused().equals(second.unused())) {
            throw new Failure(Failure.Kind.FAILED,
                    disk.node() + ": the tables of its filesystems do not read the same twice: the card or its"
                            + " reader is defective; try another reader, or skip the verification");
        }
    }

    /** The compression that the file name selects; empty for none. */
    private Optional<Compression> compression() {
        Optional<Compression> compression = Compression.ofName(target);
        if (compression.isEmpty() && !DownloadName.unpacked(target).equals(target)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, Printable.path(target) + " is the name of an archive of a format that is not"
                    + " written; use .xz, .zst, .gz, .bz2, or a name such as backup.img");
        }
        return compression;
    }

    private void fill(NewFile file, CardReader reader, long size, Optional<Compression> compression, Progress progress)
            throws IOException {
        if (compression.isEmpty()) {
            reader.read(new ChargedSink(new SparseWriter(file.file()), credentials));
            return;
        }
        try (PackingSink sink = PackingSink.start(compression.get(), size, file.file(), credentials, progress)) {
            reader.read(sink);
        }
    }

    private Map<String, Object> outcome(CardContents contents, UnreadableRanges unreadable) {
        Map<String, Object> outcome = new HashMap<>();
        long read = BlockMap.total(contents.rangesToRead());
        outcome.put("image-size", contents.size());
        outcome.put("device-size", contents.size());
        outcome.put("read", read);
        outcome.put("skipped", contents.size() - read);
        outcome.put("unreadable", unreadable);
        outcome.put("verified", settings.verifies());
        outcome.put("note", String.join("; ", contents.notes("the disk", "is read")));
        return outcome;
    }

    /** Returns the failure with the file name prepended, unless the message has the name of the file or the disk already. */
    private Failure about(Failure failure) {
        String title = Printable.path(target);
        return failure.getMessage().contains(disk.node()) || failure.getMessage().contains(title) ? failure
                : new Failure(failure.kind(), title + ": " + failure.getMessage(), failure);
    }
}
