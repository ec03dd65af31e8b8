package org.example.piimages.daemon.image.disk;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** The compressed formats of image downloads, recognized so that users who mount one can be told to decompress it. */
public enum CompressedFormat {
    XZ("xz", "fd377a585a00"),
    GZIP("gzip", "1f8b"),
    /** The first frame may be a skippable one, as written by pzstd. */
    ZSTD("zstd", "28b52ffd|5[0-9a-f]2a4d18"),
    BZIP2("bzip2", "425a68"),
    ZIP("zip", "504b0304"),
    SEVEN_ZIP("7z", "377abcaf271c"),
    /** The frame format or the legacy one of lz4. */
    LZ4("lz4", "04224d18|02214c18"),
    /** It has no magic number: these are its usual properties, and a dictionary of 64 KiB or more. */
    LZMA("lzma", "5d0000");

    private static final int MAX_MAGIC_LENGTH = 6;

    private final String title;
    /** A pattern for the hexadecimal digits of the first bytes. */
    private final Pattern magic;

    CompressedFormat(String title, String magic) {
        this.title = title;
        this.magic = Pattern.compile(magic);
    }

    /** The common name of the format. */
    public String title() {
        return title;
    }

    /** The format whose magic number the file begins with, if any; {@code beginning} holds eight bytes at least. */
    public static Optional<CompressedFormat> of(byte[] beginning) {
        String digits = HexFormat.of().formatHex(beginning, 0, MAX_MAGIC_LENGTH);
        return Arrays.stream(values()).filter(format -> format.magic.matcher(digits).lookingAt()).findFirst();
    }
}
