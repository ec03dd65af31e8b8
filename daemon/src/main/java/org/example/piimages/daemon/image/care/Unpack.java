package org.example.piimages.daemon.image.care;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.RunningCommand;

/**
 * Unpacks a downloaded image: xz, gzip, zstd, bzip2, lz4 or lzma, a tar archive in one of these or by itself, zip or 7z; what is in it may
 * be packed once more. The tools run with the user's rights; what they write is kept only when all of it is there, the only image in its
 * archive, and what its publisher's checksum says.
 */
public final class Unpack implements Work {

    /** How often what came out of the download may be packed once more. */
    private static final int LAYERS_WITHIN = 1;
    private static final int ARCHIVE_PIECE = 64 * 1024;
    /** More than a tool writes between two looks at it, and something for others. */
    private static final long ROOM_TO_SPARE = 512 << 20;

    private final Subject subject;
    private final String target;
    private final ChecksumWish checksums;
    /** What the image is called in its archive. */
    private Optional<String> member = Optional.empty();

    /** An unpacking into the path {@code target}, where nothing is yet. */
    public Unpack(Subject subject, String target, ChecksumWish checksums) {
        this.subject = subject;
        this.target = target;
        this.checksums = checksums;
    }

    /** Puts an image into a new file. False where that has to be done in another way, into another file. */
    @FunctionalInterface
    private interface Filling {
        boolean fill(OpenFile image) throws IOException;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            byte[] beginning = Arrays.copyOf(subject.file().file().readStart(TarMember.BLOCK), TarMember.BLOCK);
            if (TarMember.isArchive(beginning)) {
                return make(image -> tar(new SparseWriter(image), progress), progress).orElseThrow();
            }
            CompressedFormat format = CompressedFormat.of(beginning)
                    .orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT, "it is not compressed in any way known here"));
            if (format == CompressedFormat.ZIP || format == CompressedFormat.SEVEN_ZIP) {
                Archive archive = Archive.of(format, subject);
                return make(image -> archive(archive, new SparseWriter(image), progress), progress).orElseThrow();
            }
            Compression compression = Compression.required(format);
            Optional<Map<String, Object>> made = compression.leavesHoles()
                    ? make(image -> directly(compression, image, progress), progress) : Optional.empty();
            return made.isPresent() ? made.get()
                    : make(image -> stream(compression, new SparseWriter(image), progress), progress).orElseThrow();
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }

    private Optional<Map<String, Object>> make(Filling filling, Progress progress) throws IOException {
        try (NewFile image = NewFile.at(target, subject.who());
                Verification verification = Verification.begin(subject, checksums)) {
            progress.step("unpack", subject.file().file().length());
            if (!filling.fill(image.file())) {
                return Optional.empty();
            }
            requireImage(image.file());
            Map<String, Object> outcome = new HashMap<>(verification.end(image.file(), member, progress));
            progress.step("sync", 0);
            image.file().sync();
            outcome.put("size", image.file().length());
            progress.ready(outcome);
            progress.commit();
            image.complete(subject);
            return Optional.of(outcome);
        }
    }

    private static void requireImage(OpenFile image) throws IOException {
        if (image.length() == 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "there is no image in it");
        }
        SparseWriter.requireEnd(image.length());
    }

    /**
     * Lets the tool write the image, which saves passing on what is mostly zeros. It is only looked at now and then, which takes room to
     * spare. False where that is not there, or what came is an archive, or packed once more.
     */
    private boolean directly(Compression compression, OpenFile image, Progress progress) throws IOException {
        Command command = compression.decompressInto(image, subject.who()).input(subject.file().file());
        try {
            requireRoom(image);
            Compression.requireSuccess(ToolRun.measured(command, progress, () -> {
                SparseWriter.requireEnd(image.length());
                requireRoom(image);
                image.beginSync();
            }));
        } catch (Failure failure) {
            if (failure.kind() == Failure.Kind.NO_SPACE) {
                return false;
            }
            throw failure;
        }
        return !ImageStream.isWrapped(image.readStart(TarMember.BLOCK));
    }

    private static void requireRoom(OpenFile image) throws IOException {
        if (image.freeBytes() < ROOM_TO_SPARE) {
            throw new Failure(Failure.Kind.NO_SPACE, "there is little room");
        }
    }

    private boolean stream(Compression compression, SparseWriter writer, Progress progress) throws IOException {
        Command command = compression.decompress(subject.who()).input(subject.file().file()).outputToPipe();
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            take(running, writer, progress, new InputMeter(running, progress)::look);
        }
        return true;
    }

    /** What comes may be the image, or have it inside. */
    private void take(RunningCommand running, SparseWriter writer, Progress progress, Runnable tick) throws IOException {
        ImageStream stream = new ImageStream(subject, writer, tick);
        stream.take(running.output(), LAYERS_WITHIN);
        Compression.requireSuccess(running.await(ToolRun.LIMIT));
        // The name in the outermost archive is what people see; within, it is one more.
        member = member.or(stream::member);
        progress.onCancel(null);
        progress.advance(0);
    }

    /** A tar archive by itself. */
    private boolean tar(SparseWriter writer, Progress progress) throws IOException {
        ImageStream stream = new ImageStream(subject, writer, () -> progress.advance(0));
        try (InputStream archive = new BufferedInputStream(subject.file().file().stream(), ARCHIVE_PIECE)) {
            stream.take(archive, LAYERS_WITHIN);
        }
        member = stream.member();
        return true;
    }

    /** One with its directory at its end, so the tool reads the file itself. */
    private boolean archive(Archive archive, SparseWriter writer, Progress progress) throws IOException {
        String image = archive.image(progress);
        member = Optional.of(image);
        progress.step("unpack", 0);
        try (RunningCommand running = archive.extract(image).outputToPipe().start()) {
            progress.onCancel(running::kill);
            take(running, writer, progress, () -> progress.advance(0));
        }
        return true;
    }
}
