package org.example.piimages.daemon.image.care.packing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ImageSink;
import org.example.piimages.daemon.image.care.InputMeter;
import org.example.piimages.daemon.image.care.Subject;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * A packed image: xz, gzip, zstd, bzip2, lz4 or lzma, a tar archive in one of these or by itself, zip or 7z; what is in it may be packed
 * once more. The tools run with the user's rights.
 */
public final class Download {

    /** How often what came out of the download may be packed once more. */
    private static final int LAYERS_WITHIN = 1;
    private static final int ARCHIVE_PIECE = 64 * 1024;

    private final Subject subject;
    /** Empty for a tar archive. */
    private final Optional<CompressedFormat> format;
    private Optional<String> member = Optional.empty();

    private Download(Subject subject, Optional<CompressedFormat> format) {
        this.subject = subject;
        this.format = format;
    }

    /** The subject as a packed image; empty where its beginning is that of no format known here. */
    static Optional<Download> of(Subject subject) throws IOException {
        return of(subject, beginning(subject));
    }

    /** The same of what may as well be an image; where there is a boot sector, it is one. */
    public static Optional<Download> ifPacked(Subject subject) throws IOException {
        byte[] beginning = beginning(subject);
        return ImageStream.isWrapped(beginning) ? of(subject, beginning) : Optional.empty();
    }

    private static byte[] beginning(Subject subject) throws IOException {
        return Arrays.copyOf(subject.file().file().readStart(TarMember.BLOCK), TarMember.BLOCK);
    }

    private static Optional<Download> of(Subject subject, byte[] beginning) {
        if (TarMember.isArchive(beginning)) {
            return Optional.of(new Download(subject, Optional.empty()));
        }
        return CompressedFormat.of(beginning).map(format -> new Download(subject, Optional.of(format)));
    }

    /** How it is compressed; empty for an archive, which has a file of any name in it. */
    Optional<Compression> compression() {
        return format.filter(found -> !isArchive(found)).map(Compression::required);
    }

    private static boolean isArchive(CompressedFormat format) {
        return format == CompressedFormat.ZIP || format == CompressedFormat.SEVEN_ZIP;
    }

    /** What the image is called in its archive, if it came in one; after {@link #pour}. */
    public Optional<String> member() {
        return member;
    }

    /**
     * Lets the image out.
     *
     * @param step what the progress calls it
     * @throws Failure INVALID_IMAGE when there is no image in it, or several; what the sink throws
     */
    public void pour(ImageSink sink, String step, Progress progress) throws IOException {
        if (format.isEmpty()) {
            progress.step(step, 0);
            tar(sink, progress);
        } else if (isArchive(format.get())) {
            archive(Archive.of(format.get(), subject), sink, step, progress);
        } else {
            progress.step(step, subject.file().file().length());
            stream(Compression.required(format.get()), sink, progress);
        }
    }

    private void stream(Compression compression, ImageSink sink, Progress progress) throws IOException {
        Command command = compression.decompress(subject.who()).input(subject.file().file()).outputToPipe();
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            take(running, sink, progress, new InputMeter(running, progress)::poll);
        }
    }

    /** What comes may be the image, or have it inside. */
    private void take(RunningCommand running, ImageSink sink, Progress progress, Runnable tick) throws IOException {
        ImageStream stream = new ImageStream(subject, sink, tick);
        stream.take(running.output(), LAYERS_WITHIN);
        Compression.requireSuccess(running.await(ToolRun.LIMIT));
        // The name in the outermost archive is what people see; within, it is one more.
        member = member.or(stream::member);
        progress.onCancel(null);
        progress.advance(0);
    }

    private void tar(ImageSink sink, Progress progress) throws IOException {
        ImageStream stream = new ImageStream(subject, sink, () -> progress.advance(0));
        try (InputStream archive = new BufferedInputStream(subject.file().file().stream(), ARCHIVE_PIECE)) {
            stream.take(archive, LAYERS_WITHIN);
        }
        member = stream.member();
    }

    /** One with its directory at its end, so the tool reads the file itself. */
    private void archive(Archive archive, ImageSink sink, String step, Progress progress) throws IOException {
        String image = archive.image(progress);
        member = Optional.of(image);
        progress.step(step, 0);
        try (RunningCommand running = archive.extract(image).outputToPipe().start()) {
            progress.onCancel(running::kill);
            take(running, sink, progress, () -> progress.advance(0));
        }
    }
}
