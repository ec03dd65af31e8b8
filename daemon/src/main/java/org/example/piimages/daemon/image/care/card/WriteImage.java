package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.packing.ChecksumPolicy;
import org.example.piimages.daemon.image.care.packing.Download;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.file.CardDevice;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.daemon.linux.file.OpenFile;

/** Writes an image to a disk, reads it back, and compares it. This is the only job that cannot be undone if it fails. */
public final class WriteImage implements Work {

    /**
     * The options of writing.
     *
     * @param zero whether all holes are zeroed, including those in free space of filesystems
     * @param fixed whether the disk may be non-removable
     * @param sequence the sequence number of the medium that was shown to the user; 0 to accept any medium
     * @param checksums the checksums that a packed image is compared with
     */
    public record Settings(boolean zero, boolean fixed, long sequence, ChecksumPolicy checksums) {
    }

    private final Images images;
    private final JobImage jobImage;
    private final CardDevice target;
    private final Settings settings;

    public WriteImage(Images images, JobImage jobImage, CardDevice target, Settings settings) {
        this.images = images;
        this.jobImage = jobImage;
        this.target = target;
        this.settings = settings;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        ImageFile file = jobImage.file();
        try {
            Optional<Download> download = Download.ifPacked(jobImage);
            if (download.isPresent()) {
                return new WriteDownload(jobImage, download.get(), target, settings).run(progress);
            }
            settings.checksums().requireNone();
            images.hold(file, false);
            progress.step("map", 0);
            PartitionTable table = PartitionTable.read(file);
            List<String> notes = new ArrayList<>();
            BlockMap map = BlockMap.of(file.size(), data(file.file(), file.size()),
                    settings.zero() ? List.of() : FreeBlocks.of(jobImage, table, progress, notes::add));
            try (RawDevice device = target.open(TargetDisk.sectors(file.size()), settings.fixed(), settings.sequence())) {
                TargetDisk disk = new TargetDisk(device, target.node());
                return write(disk, new CardWriter(file, map, disk, progress), String.join("; ", notes), progress);
            }
        } catch (Failure failure) {
            throw jobImage.about(failure);
        }
    }

    /** The ranges of data in a file. Small holes are treated as data, as a file with very many could exhaust the memory. */
    private static List<ByteRange> data(OpenFile file, long size) throws IOException {
        List<ByteRange> data = new ArrayList<>();
        for (long start = file.nextData(0); start >= 0 && start < size;) {
            long end = Math.min(file.nextHole(start), size);
            ByteRange last = data.isEmpty() ? null : data.get(data.size() - 1);
            if (last != null && start - last.end() < BlockMap.MIN_LENGTH) {
                data.set(data.size() - 1, new ByteRange(last.start(), end));
            } else {
                data.add(new ByteRange(start, end));
            }
            start = end < size ? file.nextData(end) : -1;
        }
        return data;
    }

    private Map<String, Object> write(TargetDisk disk, CardWriter writer, String note, Progress progress) throws IOException {
        Map<String, Object> outcome = Map.of("size", jobImage.file().size(), "written",
                BlockMap.total(writer.map().data()) + TargetDisk.HEAD, "zeroed",
                BlockMap.total(writer.map().zeros()), "skipped", writer.map().skipped(), "verified", true, "note", note);
        progress.ready(outcome);
        disk.change(() -> {
            progress.step("erase", 0);
            disk.erase();
            writer.write();
            writer.verify();
            progress.step("finish", 0);
            progress.commit();
            writer.finish();
        }, progress);
        return outcome;
    }
}
