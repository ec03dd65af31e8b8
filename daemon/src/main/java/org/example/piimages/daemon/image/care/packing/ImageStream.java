package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ImageSink;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Finds the image in a stream: the image itself, a tar archive that contains it, or either of them compressed. */
final class ImageStream {

    private final JobImage jobImage;
    private final ImageSink sink;
    /** Called after each piece; an exception that it throws ends the operation. */
    private final Runnable tick;
    /** The name of the image in the archive. */
    private Optional<String> member = Optional.empty();

    ImageStream(JobImage jobImage, ImageSink sink, Runnable tick) {
        this.jobImage = jobImage;
        this.sink = sink;
        this.tick = tick;
    }

    /**
     * Whether the stream is not an image but contains one. A stream with a boot sector is an image.
     *
     * @param beginning the first {@link TarMember#BLOCK} bytes, or fewer if the stream is shorter
     */
    static boolean isWrapped(byte[] beginning) {
        byte[] block = Arrays.copyOf(beginning, TarMember.BLOCK);
        return TarMember.isArchive(block) || !BootSector.isSigned(block) && CompressedFormat.of(block).isPresent();
    }

    Optional<String> member() {
        return member;
    }

    /**
     * Reads a stream to its end, and passes the image in it to the sink.
     *
     * @param layers the number of compressions that may be removed
     * @throws Failure INVALID_IMAGE if the stream contains no image or more than one
     */
    void read(InputStream stream, int layers) throws IOException {
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
        // Skips the padding of an archive; otherwise the tool would fail with EPIPE.
        output.transferTo(OutputStream.nullOutputStream());
    }

    private void tar(InputStream archive, int layers) throws IOException {
        Set<String> directories = new HashSet<>();
        Set<List<String>> firmware = new HashSet<>();
        for (Optional<TarMember> next = TarMember.read(archive); next.isPresent(); next = TarMember.read(archive)) {
            TarMember found = next.get();
            BoundedStream content = new BoundedStream(archive, found.size());
            if (found.isImage()) {
                if (member.isPresent()) {
                    throw ArchiveName.severalImages(member.get(), found.name());
                }
                if (found.kind() == TarMember.Kind.SPARSE_FILE) {
                    throw new Failure(Failure.Kind.UNSUPPORTED, "the image in it was archived with tar --sparse, which is not"
                            + " supported; unpack it with tar --extract --sparse");
                }
                member = Optional.of(found.name());
                read(content, layers);
            } else {
                directories.add(ArchiveName.directoryOfRoot(found.name()));
            }
            if (ArchiveName.isFirmware(found.name())) {
                firmware.add(ArchiveName.directory(found.name()));
            }
            content.skipRest();
            new BoundedStream(archive, found.padding()).skipRest();
            tick.run();
        }
        directories.remove("");
        if (member.map(ArchiveName::directory).filter(firmware::contains).isPresent() || member.isEmpty() && !firmware.isEmpty()) {
            throw ArchiveName.bootFiles();
        }
        if (member.isEmpty()) {
            throw ArchiveName.noImage(directories);
        }
    }

    private void unpack(CompressedFormat format, InputStream packed, int layers) throws IOException {
        if (layers == 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "its contents are packed again with " + format.title()
                    + ", which is not supported; unpack it yourself");
        }
        Command command =
                Compression.required(format).decompress(jobImage.credentials()).inputFromPipe(jobImage.file().file()).outputToPipe();
        try (RunningCommand running = command.start(); ToolInputWriter writer = ToolInputWriter.start(packed, running.input())) {
            read(running.output(), layers - 1);
            Compression.requireNothingElse(running.await(ToolRun.LIMIT));
            writer.end();
        }
    }
}
