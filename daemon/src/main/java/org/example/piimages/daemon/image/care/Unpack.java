package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.CompressedFormat;
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

    private final Subject subject;
    private final String target;

    /** An unpacking into the path {@code target}, where nothing is yet. */
    public Unpack(Subject subject, String target) {
        this.subject = subject;
        this.target = target;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try (NewFile image = NewFile.at(target, subject.who())) {
            OpenFile source = subject.file().file();
            CompressedFormat format = CompressedFormat.of(Arrays.copyOf(source.readStart(MAGIC_LENGTH), MAGIC_LENGTH))
                    .orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT, "it is not compressed in any way known here"));
            Optional<String> published = Checksum.beside(subject.file(), subject.who());
            progress.step("unpack", source.length());
            SparseWriter writer = new SparseWriter(image.file());
            String checksum;
            try (RunningCommand sum = Checksum.begin(source, subject.who())) {
                if (format == CompressedFormat.ZIP) {
                    zip(writer, progress);
                } else {
                    stream(compression(format), writer, progress);
                }
                checksum = Checksum.end(sum, progress);
            }
            if (published.isPresent() && !published.get().equals(checksum)) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, "its SHA-256 is " + checksum + ", but the file beside it says "
                        + published.get() + ": download it again; nothing was kept");
            }
            progress.step("sync", 0);
            image.file().sync();
            Map<String, Object> outcome = Map.of("size", writer.length(), "sha256", checksum, "verified", published.isPresent());
            progress.ready(outcome);
            progress.commit();
            image.complete();
            return outcome;
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }

    private static Compression compression(CompressedFormat format) {
        return Compression.of(format).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED, "it is a " + format.title()
                + " archive, which is not unpacked here; unpack it yourself"));
    }

    private void stream(Compression compression, SparseWriter writer, Progress progress) throws IOException {
        Command command = compression.decompress(subject.who()).inputFromPipe().outputToPipe();
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            Feeder feeder = new Feeder(subject.file().file(), running.input(), progress);
            feeder.start();
            take(running, writer, progress);
            feeder.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while unpacking");
        }
    }

    /** What comes may be the image, or an archive with the image in it. */
    private static void take(RunningCommand running, SparseWriter writer, Progress progress) throws IOException {
        try (PushbackInputStream output = new PushbackInputStream(running.output(), TarMember.BLOCK)) {
            byte[] beginning = output.readNBytes(TarMember.BLOCK);
            output.unread(beginning);
            if (TarMember.isArchive(beginning)) {
                tar(output, writer, progress);
            } else {
                writer.write(output, Long.MAX_VALUE, progress);
            }
            // What pads an archive; a tool that could not write it would say that it failed.
            output.transferTo(OutputStream.nullOutputStream());
            running.await(ToolRun.LIMIT).requireSuccess();
            progress.onCancel(null);
            progress.advance(0);
        }
        if (writer.length() == 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "there is no image in it");
        }
    }

    private static void tar(InputStream archive, SparseWriter writer, Progress progress) throws IOException {
        for (Optional<TarMember> member = TarMember.read(archive); member.isPresent(); member = TarMember.read(archive)) {
            TarMember found = member.get();
            if (found.isImage() && writer.length() > 0) {
                throw several();
            }
            if (found.isImage()) {
                writer.write(archive, found.size(), progress);
                archive.skipNBytes(found.padding());
            } else {
                archive.skipNBytes(found.size() + found.padding());
            }
            progress.advance(0);
        }
    }

    private static Failure several() {
        return new Failure(Failure.Kind.INVALID_IMAGE, "there are several images in it; unpack the one you want yourself");
    }

    /** The directory of a zip archive is at its end, so the tool reads the file itself. */
    private void zip(SparseWriter writer, Progress progress) throws IOException {
        String names = ToolRun.of(unzip().with("-Z", "-1", Command.INPUT), progress).requireSuccess().words();
        names.lines().forEach(TarMember::requireInside);
        List<String> images = names.lines().filter(name -> name.endsWith(".img")).toList();
        if (images.size() > 1) {
            throw several();
        }
        if (images.isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "there is no file in it whose name ends in .img");
        }
        progress.step("unpack", 0);
        try (RunningCommand running = unzip().with("-p", Command.INPUT, "*.img").outputToPipe().start()) {
            progress.onCancel(running::kill);
            take(running, writer, progress);
        }
    }

    private Command unzip() {
        return Command.of("unzip", "unzip", subject.who()).input(subject.file().file());
    }
}
