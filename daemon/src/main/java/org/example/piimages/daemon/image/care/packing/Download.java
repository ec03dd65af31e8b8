package org.example.piimages.daemon.image.care.packing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ImageSink;
import org.example.piimages.daemon.image.care.InputMeter;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * A packed image: compressed with xz, gzip, zstd, bzip2, lz4 or lzma; a tar archive, compressed or not; or a zip or 7z archive. Its
 * contents may be packed once more. The tools run with the user's privileges.
 */
public final class Download {

    /** The number of times that the contents of the download may be packed again. */
    private static final int INNER_LAYERS = 1;
    private static final int ARCHIVE_PIECE = 64 * 1024;

    private final JobImage jobImage;
    /** The format; empty for a tar archive. */
    private final Optional<CompressedFormat> format;
    private Optional<String> member = Optional.empty();

    private Download(JobImage jobImage, Optional<CompressedFormat> format) {
        this.jobImage = jobImage;
        this.format = format;
    }

    /** Returns the image as a packed one; empty if its beginning is not that of a known format. */
    static Optional<Download> of(JobImage jobImage) throws IOException {
        return of(jobImage, beginning(jobImage));
    }

    /** Like {@link #of}, for a file that can also be an unpacked image; a file with a boot sector is treated as one. */
    public static Optional<Download> ifPacked(JobImage jobImage) throws IOException {
        byte[] beginning = beginning(jobImage);
        return ImageStream.isWrapped(beginning) ? of(jobImage, beginning) : Optional.empty();
    }

    private static byte[] beginning(JobImage jobImage) throws IOException {
        return Arrays.copyOf(jobImage.file().file().readStart(TarMember.BLOCK), TarMember.BLOCK);
    }

    private static Optional<Download> of(JobImage jobImage, byte[] beginning) {
        if (TarMember.isArchive(beginning)) {
            return Optional.of(new Download(jobImage, Optional.empty()));
        }
        return CompressedFormat.of(beginning).map(format -> new Download(jobImage, Optional.of(format)));
    }

    /** The compression of the image; empty for an archive. */
    Optional<Compression> compression() {
        return format.filter(found -> !isArchive(found)).map(Compression::required);
    }

    private static boolean isArchive(CompressedFormat format) {
        return format == CompressedFormat.ZIP || format == CompressedFormat.SEVEN_ZIP;
    }

    /** The name of the image in the archive; empty if it is not in an archive, and before {@link #unpack}. */
    public Optional<String> member() {
        return member;
    }

    /**
     * Unpacks the image into the sink.
     *
     * @param step the name of the step in the progress
     * @throws Failure INVALID_IMAGE if the download contains no image or more than one; also the failures of the sink
     */
    public void unpack(ImageSink sink, String step, Progress progress) throws IOException {
        if (format.isEmpty()) {
            progress.step(step, 0);
            tar(sink, progress);
        } else if (isArchive(format.get())) {
            archive(Archive.of(format.get(), jobImage), sink, step, progress);
        } else {
            progress.step(step, jobImage.file().file().length());
            stream(Compression.required(format.get()), sink, progress);
        }
    }

    private void stream(Compression compression, ImageSink sink, Progress progress) throws IOException {
        Command command = compression.decompress(jobImage.credentials()).input(jobImage.file().file()).outputToPipe();
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            readOutput(running, sink, progress, new InputMeter(running, progress)::poll,
                    ended -> Compression.requireSuccess(ended, jobImage.file().file()));
        }
    }

    /** Requires that a tool succeeded; throws Failure otherwise. */
    @FunctionalInterface
    private interface Requirement {
        void of(RunningCommand.Ended ended) throws IOException;
    }

    /** Reads the output of a tool, which is the image or contains it. */
    private void readOutput(RunningCommand running, ImageSink sink, Progress progress, Runnable tick, Requirement success)
            throws IOException {
        ImageStream stream = new ImageStream(jobImage, sink, tick);
        stream.read(running.output(), INNER_LAYERS);
        success.of(ToolRun.ended(running, progress));
        // If archives are nested, the name in the outermost one is the one that users see.
        member = member.or(stream::member);
    }

    private void tar(ImageSink sink, Progress progress) throws IOException {
        Runnable check = () -> progress.advance(0);
        ImageStream stream = new ImageStream(jobImage, sink, check);
        try (InputStream archive =
                new BufferedInputStream(new CancellableStream(jobImage.file().file().stream(), check), ARCHIVE_PIECE)) {
            stream.read(archive, INNER_LAYERS);
        }
        member = stream.member();
    }

    /** Unpacks an archive whose directory is at its end, so that the tool has to read the file itself. */
    private void archive(Archive archive, ImageSink sink, String step, Progress progress) throws IOException {
        String image = archive.image(progress);
        member = Optional.of(image);
        progress.step(step, 0);
        try (RunningCommand running = archive.extract(image).outputToPipe().start()) {
            progress.onCancel(running::kill);
            readOutput(running, sink, progress, () -> progress.advance(0), archive::requireExtracted);
        }
    }
}
