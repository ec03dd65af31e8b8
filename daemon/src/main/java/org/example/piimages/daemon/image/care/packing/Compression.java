package org.example.piimages.daemon.image.care.packing;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.MemoryRoom;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** The compressions that images come and go in, and the tools that know them. */
public enum Compression {
    XZ(CompressedFormat.XZ, ".xz", "xz", "xz-utils", "-T0 -6"),
    GZIP(CompressedFormat.GZIP, ".gz", "gzip", "gzip", "-6"),
    ZSTD(CompressedFormat.ZSTD, ".zst", "zstd", "zstd", "-T0 -q -9"),
    BZIP2(CompressedFormat.BZIP2, ".bz2", "bzip2", "bzip2", "-9"),
    /** Unpacked alone, as the next. */
    LZ4(CompressedFormat.LZ4, "", "lz4", "lz4", ""),
    /** What xz was before it was xz; the same tool. */
    LZMA(CompressedFormat.LZMA, "", "xz", "xz-utils", "");

    /** The largest window that zstd makes, by --long=31. */
    private static final long LARGEST_WINDOW = 2L << 30;
    /** What zstd takes without being told, and what the rest of it needs. */
    private static final long USUAL_WINDOW = 128 << 20;
    private static final long BESIDE_THE_WINDOW = 64 << 20;
    private static final Pattern WINDOW = Pattern.compile("Window size larger than maximum : (\\d+)");

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

    /**
     * The one of that format.
     *
     * @throws Failure UNSUPPORTED when nothing here unpacks it
     */
    static Compression required(CompressedFormat format) {
        return of(format).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED, "it is a " + format.title()
                + " archive, which is not supported; unpack it yourself"));
    }

    /** The one that a file name asks for. */
    public static Optional<Compression> ofName(String name) {
        return Arrays.stream(values()).filter(compression -> !compression.suffix.isEmpty())
                .filter(compression -> name.endsWith(compression.suffix)).findFirst();
    }

    /** Whether its tool leaves holes in the file that it unpacks to. */
    boolean leavesHoles() {
        return this == XZ || this == ZSTD;
    }

    /** Reads compressed data and writes what it was. */
    Command decompress(Credentials who) {
        Command command = Command.of(program, debianPackage, who).with("-d", "-c");
        return switch (this) {
            // With all cores where the file is of several blocks, as those of Raspberry Pi OS are; before xz 5.4 with one all the same.
            case XZ -> command.with("-T0");
            // Whatever window was packed with, as far as there is memory: who has too much of it taken ends, and the daemon with them.
            case ZSTD -> command.with("--memory=" + (window(MemoryRoom.bytes()) >> 20) + "MB");
            default -> command;
        };
    }

    /** The largest window that there is room for, and none that is smaller than zstd's own limit. */
    static long window(long room) {
        return Math.max(USUAL_WINDOW, Math.min(LARGEST_WINDOW, room / 2 - BESIDE_THE_WINDOW));
    }

    /**
     * Passes on a tool that did well.
     *
     * @throws Failure FAILED with its own words, or with what they mean
     */
    static void requireSuccess(RunningCommand.Ended ended) {
        Matcher window = WINDOW.matcher(ended.words());
        if (ended.status() != 0 && window.find()) {
            throw new Failure(Failure.Kind.FAILED, "it was packed with a window of " + (Long.parseLong(window.group(1)) >> 20)
                    + " MiB (zstd --long); unpacking it requires as much memory, and less than twice that amount is available; unpack it"
                    + " on a host with more memory");
        }
        ended.requireSuccess();
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
    public Command compress(long length, Credentials who) {
        boolean parallel = this == GZIP && Command.find(PARALLEL_GZIP).isPresent();
        Command command = Command.of(parallel ? PARALLEL_GZIP : program, debianPackage, who).with(options.split(" ")).with("-c")
                .withHugePages();
        return this == ZSTD ? command.with("--stream-size=" + length) : command;
    }
}
