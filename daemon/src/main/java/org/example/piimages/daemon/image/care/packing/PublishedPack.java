package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.CardContents;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.NewFile;
import org.example.piimages.daemon.image.care.NewFiles;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.UserWrite;

/**
 * Compresses an image like {@link Pack}, and creates the files that are published with it: the checksum, the block map, and the manifest
 * for Raspberry Pi Imager.
 */
public final class PublishedPack implements Work {

    /** The maximum number of ranges in the map, as each takes memory. If there are more, ranges that are close together are joined. */
    private static final int MAX_RANGES = 8192;

    private final Images images;
    private final JobImage jobImage;
    private final String target;
    private final PublishedSystem system;

    /** Creates a job that packs the image to the path {@code target}. Neither it nor the paths that are derived from it may exist. */
    public PublishedPack(Images images, JobImage jobImage, String target, PublishedSystem system) {
        this.images = images;
        this.jobImage = jobImage;
        this.target = target;
        this.system = system;
    }

    /** An image that can be read until the job is cancelled, because its untrusted tables determine how long reading them takes. */
    private record CancellableSource(ByteSource image, Progress progress) implements ByteSource {
        @Override
        public long size() {
            return image.size();
        }

        @Override
        public void read(long offset, byte[] buffer) {
            progress.advance(0);
            image.read(offset, buffer);
        }
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        Compression compression = Pack.compression(target);
        try (NewFiles files = new NewFiles(jobImage.credentials())) {
            NewFile packed = files.add(target);
            List<String> derivedPaths = derivedPaths(target);
            NewFile checksum = files.add(derivedPaths.get(0));
            NewFile map = files.add(derivedPaths.get(1));
            NewFile manifest = files.add(derivedPaths.get(2));
            images.hold(jobImage.file(), false);
            progress.step("map", 0);
            CardContents contents = CardContents.of(new CancellableSource(jobImage.file(), progress));
            List<ByteRange> mapped = BlockMap.joined(BlockMap.widened(contents.rangesToRead(), contents.size()), MAX_RANGES);
            SummedPacking.Sums sums = new SummedPacking(jobImage, mapped, progress).into(packed.file(), compression);
            progress.step("sync", 0);
            long size = packed.file().length();
            write(checksum, checksumLine(sums.packed(), baseName(target)));
            write(map, BlockMapFile.text(contents.size(), mapped, sums.ranges()));
            write(manifest, ImagerManifest.text(system, target, baseName(DownloadName.unpacked(target)),
                    new ImagerManifest.Summed(contents.size(), sums.image()), new ImagerManifest.Summed(size, sums.packed()),
                    LocalDate.now(ZoneId.systemDefault())));
            packed.file().sync();
            Map<String, Object> outcome = outcome(size, sums, contents, mapped);
            outcome.put("files", derivedPaths.toArray(String[]::new));
            progress.ready(outcome);
            progress.commit();
            files.completeAs(jobImage);
            return outcome;
        } catch (Failure failure) {
            throw jobImage.about(failure);
        }
    }

    /** The paths of the checksum, the block map and the manifest. */
    private static List<String> derivedPaths(String target) {
        String image = DownloadName.unpacked(target);
        return List.of(target + ".sha256", image + ".bmap", image + ".rpi-imager-manifest");
    }

    private static Map<String, Object> outcome(long size, SummedPacking.Sums sums, CardContents contents, List<ByteRange> mapped) {
        Map<String, Object> outcome = new HashMap<>();
        outcome.put("size", size);
        outcome.put("sha256", sums.packed());
        outcome.put("image-size", contents.size());
        outcome.put("image-sha256", sums.image());
        outcome.put("mapped", BlockMap.total(mapped));
        outcome.put("note", String.join("; ", contents.notes("the image", "is in the block map")));
        return outcome;
    }

    private void write(NewFile file, String text) throws IOException {
        UserWrite.as(jobImage.credentials(), () -> file.file().write(0, text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Formats a line like sha256sum(1). A backslash at its start marks a name with escaped characters. */
    static String checksumLine(String sum, String name) {
        String escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
        return (escaped.equals(name) ? "" : "\\") + sum + "  " + escaped + "\n";
    }
}
