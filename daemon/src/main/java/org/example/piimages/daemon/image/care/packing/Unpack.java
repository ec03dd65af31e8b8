package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.NewFile;
import org.example.piimages.daemon.image.care.SparseWriter;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.ForeignFormat;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;

/** Unpacks a download to a new file, which is kept only if the image is complete and matches the published checksums. */
public final class Unpack implements Work {

    /** The required free space, in bytes: more than a tool writes between two checks, plus a reserve for other users. */
    private static final long REQUIRED_SPACE = 512 << 20;

    private final JobImage jobImage;
    private final String target;
    private final ChecksumPolicy checksums;

    /** Creates a job that unpacks the image to the path {@code target}, which must not exist. */
    public Unpack(JobImage jobImage, String target, ChecksumPolicy checksums) {
        this.jobImage = jobImage;
        this.target = target;
        this.checksums = checksums;
    }

    /** Writes the image to a new file. Returns false if another method has to be used, with another file. */
    @FunctionalInterface
    private interface Filling {
        boolean fill(OpenFile image) throws IOException;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            Download download = Download.of(jobImage).orElseThrow(this::unknownFormat);
            Optional<Compression> fast = download.compression().filter(Compression::leavesHoles);
            Optional<Map<String, Object>> made = fast.isPresent()
                    ? make(download, image -> unpackDirectly(fast.get(), image, progress), progress) : Optional.empty();
            return made.isPresent() ? made.get() : make(download, image -> {
                download.unpack(new SparseWriter(image), "unpack", progress);
                return true;
            }, progress).orElseThrow();
        } catch (Failure failure) {
            throw jobImage.about(failure);
        }
    }

    private Failure unknownFormat() {
        return ForeignFormat.of(jobImage.file()).map(format -> new Failure(Failure.Kind.INVALID_IMAGE, "it is " + format.advice()))
                .orElseGet(() -> new Failure(Failure.Kind.INVALID_ARGUMENT,
                        "it is not compressed in a known format; if it is an image, it does not have to be unpacked"));
    }

    private Optional<Map<String, Object>> make(Download download, Filling filling, Progress progress) throws IOException {
        try (NewFile image = NewFile.at(target, jobImage.credentials());
                Verification verification = Verification.begin(jobImage, checksums)) {
            if (!filling.fill(image.file())) {
                return Optional.empty();
            }
            requireImage(image.file());
            Map<String, Object> outcome = new HashMap<>(verification.end(function -> {
                progress.step("verify", image.file().length());
                return Checksum.of(function, image.file(), jobImage.credentials(), progress);
            }, download.member(), progress));
            progress.step("sync", 0);
            image.file().sync();
            outcome.put("size", image.file().length());
            progress.ready(outcome);
            progress.commit();
            image.complete(jobImage);
            return Optional.of(outcome);
        }
    }

    private static void requireImage(OpenFile image) throws IOException {
        if (image.length() == 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it contains no image");
        }
        SparseWriter.requireMaxSize(image.length());
    }

    /**
     * Lets the tool write the file itself, which avoids copying data that is mostly zeros. The size is only checked periodically, which
     * requires spare room. Returns false if there is not enough space, or if the output is an archive or compressed again.
     */
    private boolean unpackDirectly(Compression compression, OpenFile image, Progress progress) throws IOException {
        Command command = compression.decompressInto(image, jobImage.credentials()).input(jobImage.file().file());
        progress.step("unpack", jobImage.file().file().length());
        try {
            requireRoom(image);
            Compression.requireSuccess(ToolRun.measured(command, progress, () -> {
                SparseWriter.requireMaxSize(image.length());
                requireRoom(image);
                image.startWriteback();
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
        if (image.freeBytes() < REQUIRED_SPACE) {
            throw new Failure(Failure.Kind.NO_SPACE, "there is not enough space");
        }
    }
}
