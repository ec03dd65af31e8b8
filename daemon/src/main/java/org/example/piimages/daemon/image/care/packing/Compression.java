package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.linux.file.AvailableMemory;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** The compression formats of images, and their tools. */
public enum Compression {
    XZ(CompressedFormat.XZ, ".xz", "xz", "xz-utils", "-T0 -6"),
    GZIP(CompressedFormat.GZIP, ".gz", "gzip", "gzip", "-6"),
    ZSTD(CompressedFormat.ZSTD, ".zst", "zstd", "zstd", "-T0 -q -9"),
    BZIP2(CompressedFormat.BZIP2, ".bz2", "bzip2", "bzip2", "-9"),
    /** Only decompression is supported, as for LZMA. */
    LZ4(CompressedFormat.LZ4, "", "lz4", "lz4", ""),
    /** The predecessor of the xz format, supported by the same tool. */
    LZMA(CompressedFormat.LZMA, "", "xz", "xz-utils", "");

    /** The largest window of zstd, which --long=31 selects, in bytes. */
    private static final long MAX_WINDOW = 2L << 30;
    /** The default limit of the window for decompression, and the memory that zstd requires besides the window, in bytes. */
    private static final long DEFAULT_WINDOW = 128 << 20;
    private static final long MEMORY_BESIDE_WINDOW = 64 << 20;
    /** What xz prints if the memory that it requires exceeds the limit. It does not always know how much that is. */
    private static final String MEMORY_LIMIT = "Memory usage limit reached";
    private static final Pattern WINDOW = Pattern.compile("Window size larger than maximum : (\\d+)");

    /** What gzip and bzip2 report if other data than zeros, or in the case of bzip2 any data, follows the compressed data. */
    private static final Pattern TRAILING_DATA = Pattern.compile("trailing garbage (?:after EOF )?ignored");
    private static final int GZIP_WARNING = 2;
    /** The signature in the last 16 bytes of the metadata that OpenWrt appends to its packed images (fwtool.h). */
    private static final byte[] OPENWRT_TRAILER = "FWx0".getBytes(StandardCharsets.US_ASCII);
    private static final int OPENWRT_TRAILER_LENGTH = 16;

    /** A gzip that uses all CPU cores; used if it is installed. */
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
     * Returns the compression for a format.
     *
     * @throws Failure UNSUPPORTED if there is none
     */
    static Compression required(CompressedFormat format) {
        return of(format).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED, "it is a " + format.title()
                + " archive, which is not supported; unpack it yourself"));
    }

    /** The compression that the suffix of a file name selects; empty if none. */
    public static Optional<Compression> ofName(String name) {
        return Arrays.stream(values()).filter(compression -> !compression.suffix.isEmpty())
                .filter(compression -> name.endsWith(compression.suffix)).findFirst();
    }

    /** Whether the tool can leave holes in its output file. */
    boolean leavesHoles() {
        return this == XZ || this == ZSTD;
    }

    /** The command that decompresses its standard input. */
    Command decompress(Credentials credentials) {
        Command command = Command.of(program, debianPackage, credentials).with("-d", "-c");
        return switch (this) {
            // Uses all CPU cores if the file has several blocks, like those of Raspberry Pi OS; xz before 5.4 always uses one core.
            case XZ -> command.with("-T0", memoryLimit());
            case LZMA -> command.with(memoryLimit());
            case ZSTD -> command.with("--memory=" + (window(AvailableMemory.bytes()) >> 20) + "MB");
            default -> command;
        };
    }

    /** The option of xz that allows any dictionary for which there is memory. Its header can name one of 4 GiB. */
    private static String memoryLimit() {
        return "--memlimit-decompress=" + (window(AvailableMemory.bytes()) + MEMORY_BESIDE_WINDOW);
    }

    /**
     * The largest window, or dictionary, for a host with {@code memory} bytes available, but at least the default limit of zstd. A larger
     * one could make the kernel kill the tool or another process.
     */
    static long window(long memory) {
        return Math.max(DEFAULT_WINDOW, Math.min(MAX_WINDOW, memory / 2 - MEMORY_BESIDE_WINDOW));
    }

    /**
     * Requires that the decompressor succeeded on a whole file. Zeros after the compressed data are ignored, and so is what OpenWrt appends
     * to its images; other data may be a damaged part of the image.
     *
     * @throws Failure as {@link #requireSuccess}
     */
    static void requireSuccess(RunningCommand.Ended ended, OpenFile packed) throws IOException {
        if (!reportsTrailingData(ended)) {
            requireSuccess(ended);
        } else if (!endsInKnownData(packed)) {
            throw trailingData();
        }
    }

    /**
     * Requires that the decompressor succeeded on a part of an archive, after which nothing may follow.
     *
     * @throws Failure as {@link #requireSuccess}
     */
    static void requireNothingElse(RunningCommand.Ended ended) {
        if (reportsTrailingData(ended)) {
            throw trailingData();
        }
        requireSuccess(ended);
    }

    private static boolean reportsTrailingData(RunningCommand.Ended ended) {
        return (ended.status() == 0 || ended.status() == GZIP_WARNING) && TRAILING_DATA.matcher(ended.output()).find();
    }

    private static Failure trailingData() {
        return new Failure(Failure.Kind.FAILED, "other data follows the compressed data: the file is damaged, or something was appended"
                + " to it; if that is intended, unpack it yourself, for example: gzip --decompress --stdout FILE >IMAGE");
    }

    private static boolean endsInKnownData(OpenFile packed) throws IOException {
        byte[] end = new byte[OPENWRT_TRAILER_LENGTH];
        if (packed.length() < end.length) {
            return false;
        }
        packed.read(packed.length() - end.length, end);
        return Arrays.equals(end, new byte[end.length])
                || Arrays.equals(Arrays.copyOf(end, OPENWRT_TRAILER.length), OPENWRT_TRAILER);
    }

    /**
     * Requires that the decompressor succeeded.
     *
     * @throws Failure FAILED with its message, or for a window that is too large with an explanation
     */
    static void requireSuccess(RunningCommand.Ended ended) {
        Matcher window = WINDOW.matcher(ended.output());
        if (ended.status() != 0 && window.find()) {
            throw new Failure(Failure.Kind.FAILED, "it was packed with a window of " + (Long.parseLong(window.group(1)) >> 20)
                    + " MiB (zstd --long); unpacking it requires as much memory, and less than twice that amount is available; unpack it"
                    + " on a host with more memory");
        }
        if (ended.status() != 0 && ended.output().contains(MEMORY_LIMIT)) {
            throw new Failure(Failure.Kind.FAILED, "it was packed with such a large dictionary (xz --lzma2=dict) that unpacking it requires"
                    + " more memory than may be used, at most 2 GiB; unpack it yourself");
        }
        ended.requireSuccess();
    }

    /**
     * The command that decompresses its standard input to a file, with holes in place of zeros; see {@link #leavesHoles}. xz leaves holes
     * by default.
     */
    Command decompressInto(OpenFile file, Credentials credentials) {
        Command command = decompress(credentials).output(file);
        return this == ZSTD ? command.with("--sparse") : command;
    }

    /**
     * The command that compresses its standard input to standard output.
     *
     * @param length the length of the input, in bytes, which zstd records in the file so that it is known before decompression; the other
     *     formats do not need it
     */
    public Command compress(long length, Credentials credentials) {
        boolean parallel = this == GZIP && Command.find(PARALLEL_GZIP).isPresent();
        Command command = Command.of(parallel ? PARALLEL_GZIP : program, debianPackage, credentials).with(options.split(" ")).with("-c")
                .withHugePages();
        return this == ZSTD ? command.with("--stream-size=" + length) : command;
    }
}
