package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.packing.Checksum;
import org.example.piimages.daemon.image.care.packing.Download;
import org.example.piimages.daemon.image.care.packing.Verification;
import org.example.piimages.daemon.image.checksum.HashFunction;
import org.example.piimages.daemon.image.file.CardDevice;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Unpacks a download to a disk, reads it back, and compares it with the unpacked image and the published checksums. */
final class WriteDownload implements Work {

    private final JobImage jobImage;
    private final Download download;
    private final CardDevice target;
    private final WriteImage.Settings settings;

    WriteDownload(JobImage jobImage, Download download, CardDevice target, WriteImage.Settings settings) {
        this.jobImage = jobImage;
        this.download = download;
        this.target = target;
        this.settings = settings;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try (Verification verification = Verification.begin(jobImage, settings.checksums());
                RawDevice device = target.open(TargetDisk.HEAD, settings.fixed(), settings.sequence())) {
            TargetDisk disk = new TargetDisk(device, target.node());
            // The size of the image is unknown until all of it is unpacked.
            CardStream stream = new CardStream(disk, () -> progress.ready(Map.of("note", "")));
            Map<String, Object> outcome = new HashMap<>();
            disk.change(() -> {
                download.unpack(stream, "write", progress);
                stream.end(progress);
                stream.requireTable();
                compare(verification, stream, outcome, progress);
                progress.step("finish", 0);
                progress.commit();
                stream.finish();
            }, progress);
            outcome.putAll(Map.of("size", stream.length(), "written", stream.written(), "zeroed", stream.zeroed(), "skipped", 0L,
                    "verified", true, "note", ""));
            return outcome;
        }
    }

    /** Verifies the checksums and the disk. That of the download is first, as it is ready by now. */
    private void compare(Verification verification, CardStream stream, Map<String, Object> outcome, Progress progress) throws IOException {
        outcome.putAll(verification.end(function -> sum(function, stream, progress), download.member(), progress));
        outcome.put("compared", outcome.get("verified"));
        stream.verify(progress);
    }

    /** Computes the checksum of the image as read back from the disk, which verifies the disk too. */
    private String sum(HashFunction function, CardStream stream, Progress progress) throws IOException {
        try (RunningCommand running = Checksum.beginForInput(function, jobImage.file().file(), jobImage.credentials())) {
            try (var input = running.input()) {
                stream.verify(input, progress);
            }
            return Checksum.end(running, progress);
        }
    }
}
