package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
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
 * Unpacks a downloaded image: xz, gzip, zstd or bzip2, a tar archive in one of these, or zip. The tools run with the user's rights; what
 * they write is kept only when all of it is there, the only image in its archive, and what its publisher's checksum says.
 */
public final class Unpack implements Work {

    private static final int MAGIC_LENGTH = 16;
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
            CompressedFormat format = CompressedFormat.of(Arrays.copyOf(subject.file().file().readStart(MAGIC_LENGTH), MAGIC_LENGTH))
                    .orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT, "it is not compressed in any way known here"));
            if (format == CompressedFormat.ZIP) {
                return make(image -> zip(new SparseWriter(image), progress), progress).orElseThrow();
            }
            Compression compression = compression(format);
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

    private static Compression compression(CompressedFormat format) {
        return Compression.of(format).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED, "it is a " + format.title()
                + " archive, which is not unpacked here; unpack it yourself"));
    }

    /**
     * Lets the tool write the image, which saves passing on what is mostly zeros. It is only looked at now and then, which takes room to
     * spare. False where that is not there, or what came is an archive.
     */
    private boolean directly(Compression compression, OpenFile image, Progress progress) throws IOException {
        Command command = compression.decompressInto(image, subject.who()).input(subject.file().file());
        try {
            requireRoom(image);
            ToolRun.measured(command, progress, () -> {
                SparseWriter.requireEnd(image.length());
                requireRoom(image);
                image.beginSync();
            }).requireSuccess();
        } catch (Failure failure) {
            if (failure.kind() == Failure.Kind.NO_SPACE) {
                return false;
            }
            throw failure;
        }
        return !TarMember.isArchive(Arrays.copyOf(image.readStart(TarMember.BLOCK), TarMember.BLOCK));
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

    /** What comes may be the image, or an archive with the image in it. */
    private void take(RunningCommand running, SparseWriter writer, Progress progress, Runnable tick) throws IOException {
        try (PushbackInputStream output = new PushbackInputStream(running.output(), TarMember.BLOCK)) {
            byte[] beginning = output.readNBytes(TarMember.BLOCK);
            output.unread(beginning);
            if (TarMember.isArchive(beginning)) {
                tar(output, writer, tick);
            } else {
                writer.write(output, Long.MAX_VALUE, tick);
            }
            // What pads an archive; a tool that could not write it would say that it failed.
            output.transferTo(OutputStream.nullOutputStream());
            running.await(ToolRun.LIMIT).requireSuccess();
            progress.onCancel(null);
            progress.advance(0);
        }
    }

    private void tar(InputStream archive, SparseWriter writer, Runnable tick) throws IOException {
        for (Optional<TarMember> next = TarMember.read(archive); next.isPresent(); next = TarMember.read(archive)) {
            TarMember found = next.get();
            if (found.isImage() && writer.length() > 0) {
                throw several();
            }
            if (found.isImage()) {
                member = Optional.of(found.name());
                writer.write(archive, found.size(), tick);
                archive.skipNBytes(found.padding());
            } else {
                archive.skipNBytes(found.size() + found.padding());
            }
            tick.run();
        }
    }

    private static Failure several() {
        return new Failure(Failure.Kind.INVALID_IMAGE, "there are several images in it; unpack the one you want yourself");
    }

    /** The directory of a zip archive is at its end, so the tool reads the file itself. */
    private boolean zip(SparseWriter writer, Progress progress) throws IOException {
        String names = ToolRun.of(unzip().with("-Z", "-1", Command.INPUT), progress).requireSuccess().words();
        names.lines().forEach(TarMember::requireInside);
        List<String> images = names.lines().filter(name -> name.endsWith(".img")).toList();
        if (images.size() > 1) {
            throw several();
        }
        if (images.isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "there is no file in it whose name ends in .img");
        }
        member = Optional.of(images.get(0));
        progress.step("unpack", 0);
        try (RunningCommand running = unzip().with("-p", Command.INPUT, "*.img").outputToPipe().start()) {
            progress.onCancel(running::kill);
            take(running, writer, progress, () -> progress.advance(0));
        }
        return true;
    }

    private Command unzip() {
        return Command.of("unzip", "unzip", subject.who()).input(subject.file().file());
    }
}
