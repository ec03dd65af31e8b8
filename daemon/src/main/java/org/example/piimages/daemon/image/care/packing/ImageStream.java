package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ImageSink;
import org.example.piimages.daemon.image.care.Subject;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Finds the image in what comes out of a download: the image itself, a tar archive with one, or either of them packed once more. */
final class ImageStream {

    private final Subject subject;
    private final ImageSink sink;
    /** Called after each piece; what it throws ends the work. */
    private final Runnable tick;
    /** What the image is called in its archive. */
    private Optional<String> member = Optional.empty();

    ImageStream(Subject subject, ImageSink sink, Runnable tick) {
        this.subject = subject;
        this.sink = sink;
        this.tick = tick;
    }

    /** Whether what begins so, a block of tar, is not the image but has it inside. Where there is a boot sector, it is the image. */
    static boolean isWrapped(byte[] beginning) {
        byte[] block = Arrays.copyOf(beginning, TarMember.BLOCK);
        return TarMember.isArchive(block) || !BootSector.isSigned(block) && CompressedFormat.of(block).isPresent();
    }

    Optional<String> member() {
        return member;
    }

    /**
     * Reads a stream to its end.
     *
     * @param layers how many more may be taken off
     * @throws Failure INVALID_IMAGE when there is no image in it, or several
     */
    void take(InputStream stream, int layers) throws IOException {
        PushbackInputStream output = new PushbackInputStream(stream, TarMember.BLOCK);
        byte[] beginning = output.readNBytes(TarMember.BLOCK);
        output.unread(beginning);
        if (!isWrapped(beginning)) {
            sink.write(output, tick);
        } else if (TarMember.isArchive(beginning)) {
            tar(output, layers);
        } else {
            unpack(CompressedFormat.of(Arrays.copyOf(beginning, TarMember.BLOCK)).orElseThrow(), output, layers);
        }
        // What pads an archive; a tool that could not write it would say that it failed.
        output.transferTo(OutputStream.nullOutputStream());
    }

    private void tar(InputStream archive, int layers) throws IOException {
        Set<String> folders = new HashSet<>();
        for (Optional<TarMember> next = TarMember.read(archive); next.isPresent(); next = TarMember.read(archive)) {
            TarMember found = next.get();
            BoundedStream content = new BoundedStream(archive, found.size());
            if (found.isImage()) {
                if (member.isPresent()) {
                    throw ArchiveName.several(member.get(), found.name());
                }
                if (found.kind() == TarMember.Kind.SPARSE_FILE) {
                    throw new Failure(Failure.Kind.UNSUPPORTED, "the image in it was archived with tar --sparse, which is not"
                            + " supported; unpack it with tar --extract --sparse");
                }
                member = Optional.of(found.name());
                take(content, layers);
            } else {
                folders.add(ArchiveName.folderOfRoot(found.name()));
            }
            content.skipRest();
            new BoundedStream(archive, found.padding()).skipRest();
            tick.run();
        }
        folders.remove("");
        if (member.isEmpty()) {
            throw ArchiveName.none(folders);
        }
    }

    private void unpack(CompressedFormat format, InputStream packed, int layers) throws IOException {
        if (layers == 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "its contents are packed again with " + format.title()
                    + ", which is not supported; unpack it yourself");
        }
        Command command = Compression.required(format).decompress(subject.who()).inputFromPipe(subject.file().file()).outputToPipe();
        try (RunningCommand running = command.start(); ToolInputWriter pump = ToolInputWriter.start(packed, running.input())) {
            take(running.output(), layers - 1);
            Compression.requireSuccess(running.await(ToolRun.LIMIT));
            pump.end();
        }
    }
}
