package org.example.piimages.daemon.image.care;

import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.Credentials;
import org.example.piimages.daemon.linux.OpenFile;

/** The compressions that images come and go in, and the tools that know them. */
enum Compression {
    XZ(CompressedFormat.XZ, ".xz", "xz", "xz-utils", "-T0 -6"),
    GZIP(CompressedFormat.GZIP, ".gz", "gzip", "gzip", "-6"),
    ZSTD(CompressedFormat.ZSTD, ".zst", "zstd", "zstd", "-T0 -q -9"),
    BZIP2(CompressedFormat.BZIP2, ".bz2", "bzip2", "bzip2", "-9");

    /** gzip with all cores, where it is installed. */
    private static final String PARALLEL_GZIP = "pigz";

    private final CompressedFormat format;
    private final String suffix;
    private final String program;
    private final String debianPackage;
    private final String options;

    Compression(CompressedFormat format, String suffix, String program, String debianPackage, String options) {
        this.format = format;
        this.suffix = suffix;
        this.program = program;
        this.debianPackage = debianPackage;
        this.options = options;
    }

    static Optional<Compression> of(CompressedFormat format) {
        return Arrays.stream(values()).filter(compression -> compression.format == format).findFirst();
    }

    /** The one that a file name asks for. */
    static Optional<Compression> ofName(String name) {
        return Arrays.stream(values()).filter(compression -> name.endsWith(compression.suffix)).findFirst();
    }

    /** Whether its tool leaves holes in the file that it unpacks to. */
    boolean leavesHoles() {
        return this == XZ || this == ZSTD;
    }

    /** Reads compressed data and writes what it was. */
    Command decompress(Credentials who) {
        Command command = Command.of(program, debianPackage, who).with("-d", "-c");
        // With all cores where the file is of several blocks, as those of Raspberry Pi OS are; before xz 5.4 with one all the same.
        return this == XZ ? command.with("-T0") : command;
    }

    /** The same into a file, with holes where there are zeros; see {@link #leavesHoles}. xz does that by itself. */
    Command decompressInto(OpenFile file, Credentials who) {
        Command command = decompress(who).output(file);
        return this == ZSTD ? command.with("--sparse") : command;
    }

    /**
     * The other way round.
     *
     * @param length of the input, which zstd writes down for whoever wants to know it before unpacking; the others count it by themselves
     */
    Command compress(long length, Credentials who) {
        boolean parallel = this == GZIP && Command.find(PARALLEL_GZIP).isPresent();
        Command command = Command.of(parallel ? PARALLEL_GZIP : program, debianPackage, who).with(options.split(" ")).with("-c")
                .withHugePages();
        return this == ZSTD ? command.with("--stream-size=" + length) : command;
    }
}
