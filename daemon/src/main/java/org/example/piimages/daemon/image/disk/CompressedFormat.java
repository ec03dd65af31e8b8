package org.example.piimages.daemon.image.disk;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The forms in which images are downloaded, so that whoever mounts one unopened is told what to do. */
public enum CompressedFormat {
    XZ("xz", "fd377a585a00"),
    GZIP("gzip", "1f8b"),
    ZSTD("zstd", "28b52ffd"),
    BZIP2("bzip2", "425a68"),
    ZIP("zip", "504b0304"),
    SEVEN_ZIP("7z", "377abcaf271c");

    private static final int LONGEST_MAGIC = 6;

    private final String title;
    /** Hexadecimal. */
    private final String magic;

    CompressedFormat(String title, String magic) {
        this.title = title;
        this.magic = magic;
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    /** The format whose magic number the file begins with, if any; {@code beginning} holds eight bytes at least. */
    public static Optional<CompressedFormat> of(byte[] beginning) {
        String digits = HexFormat.of().formatHex(beginning, 0, LONGEST_MAGIC);
        return Arrays.stream(values()).filter(format -> digits.startsWith(format.magic)).findFirst();
    }
}
