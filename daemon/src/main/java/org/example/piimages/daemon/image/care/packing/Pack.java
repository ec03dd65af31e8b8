package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.NewFile;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;

/** Compresses an image; the name of the target selects the format. */
public final class Pack implements Work {

    private final Images images;
    private final JobImage jobImage;
    private final String target;

    /** Creates a job that compresses the image to the path {@code target}, which must not exist. */
    public Pack(Images images, JobImage jobImage, String target) {
        this.images = images;
        this.jobImage = jobImage;
        this.target = target;
    }

    /** Returns the compression that a target's name selects. Throws Failure INVALID_ARGUMENT if it selects none. */
    static Compression compression(String target) {
        return Compression.ofName(target).orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT,
                Printable.path(target) + " does not end in .xz, .zst, .gz or .bz2, which selects the format"));
    }

    /** Compresses a file to an empty file, with the privileges of their owner. */
    public static void pack(Compression compression, OpenFile source, OpenFile packed, Credentials credentials, Progress progress)
            throws IOException {
        progress.step("pack", source.length());
        Command command = compression.compress(source.length(), credentials).input(source).output(packed);
        ToolRun.measured(command, progress, packed::startWriteback).requireSuccess();
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        Compression compression = compression(target);
        try (NewFile packed = NewFile.at(target, jobImage.credentials())) {
            images.hold(jobImage.file(), false);
            OpenFile source = jobImage.file().file();
            pack(compression, source, packed.file(), jobImage.credentials(), progress);
            progress.step("sync", 0);
            packed.file().sync();
            Map<String, Object> outcome = Map.of("size", packed.file().length());
            progress.ready(outcome);
            progress.commit();
            packed.completeAs(jobImage);
            return outcome;
        } catch (Failure failure) {
            throw jobImage.about(failure);
        }
    }
}
