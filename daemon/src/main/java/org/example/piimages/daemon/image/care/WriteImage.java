package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.RawDevice;

/** Writes an image to a disk, reads it back, and compares. The one work that cannot leave things as they were. */
public final class WriteImage implements Work {

    /**
     * How to write.
     *
     * @param zero whether every hole is zeroed, also where a filesystem has nothing
     * @param fixed whether the disk may be one that is not removable
     * @param sequence of the medium that was described, 0 for whatever is there
     */
    public record Manner(boolean zero, boolean fixed, long sequence) {
    }

    private final Images images;
    private final Subject subject;
    private final TargetDevice target;
    private final Manner manner;

    public WriteImage(Images images, Subject subject, TargetDevice target, Manner manner) {
        this.images = images;
        this.subject = subject;
        this.target = target;
        this.manner = manner;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        ImageFile file = subject.file();
        try {
            images.hold(file, false);
            progress.step("map", 0);
            PartitionTable table = PartitionTable.read(file);
            List<String> notes = new ArrayList<>();
            BlockMap map = BlockMap.of(file.size(), data(file.file(), file.size()),
                    manner.zero() ? List.of() : FreeBlocks.of(subject, table, progress, notes::add));
            try (RawDevice device = target.open(CardWriter.sectors(file.size()), manner.fixed(), manner.sequence())) {
                return write(new CardWriter(file, map, device, progress), String.join("; ", notes), progress);
            }
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }

    /** What is not in a hole; small holes count as data, or a file of many would fill our memory. */
    private static List<ByteRange> data(OpenFile file, long size) throws IOException {
        List<ByteRange> data = new ArrayList<>();
        for (long start = file.nextData(0); start >= 0 && start < size;) {
            long end = Math.min(file.nextHole(start), size);
            ByteRange last = data.isEmpty() ? null : data.get(data.size() - 1);
            if (last != null && start - last.end() < BlockMap.LEAST) {
                data.set(data.size() - 1, new ByteRange(last.start(), end));
            } else {
                data.add(new ByteRange(start, end));
            }
            start = end < size ? file.nextData(end) : -1;
        }
        return data;
    }

    private Map<String, Object> write(CardWriter writer, String note, Progress progress) throws IOException {
        Map<String, Object> outcome = Map.of("size", subject.file().size(), "written",
                BlockMap.total(writer.map().data()) + CardWriter.HEAD, "zeroed",
                BlockMap.total(writer.map().zeros()), "skipped", writer.map().skipped(), "verified", true, "note", note);
        progress.ready(outcome);
        progress.step("erase", 0);
        try {
            writer.erase();
            writer.write();
            writer.verify();
            progress.step("finish", 0);
            progress.commit();
            writer.finish();
        } catch (CancellationException e) {
            throw new CancellationException("cancelled; " + remains());
        } catch (Failure e) {
            throw new Failure(e.kind(), target.node() + ": " + e.getMessage() + ". " + remains(), e);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.FAILED, "cannot write to " + target.node() + ", or read from it: " + e.getMessage() + ". "
                    + remains(), e);
        }
        return outcome;
    }

    private String remains() {
        return target.node() + " holds a part of the image now and no partition table; write it again";
    }
}
