package org.example.piimages.build.cache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes a SHA-256. */
public final class Sha256 {

    private static final int BUFFER = 1 << 16;

    private final MessageDigest digest;

    /** Creates a digest without data. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /** Returns the SHA-256 of a file. */
    public static String of(Path file) throws IOException {
        return new Sha256().add(file).text();
    }

    /** Adds the first {@code length} bytes. */
    public void add(byte[] bytes, int length) {
        digest.update(bytes, 0, length);
    }

    /** Adds the content of a file. */
    public Sha256 add(Path file) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream content = Files.newInputStream(file)) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                add(buffer, count);
            }
        }
        return this;
    }

    /** Returns the 64 hexadecimal digits, in lower case; nothing can be added afterwards. */
    public String text() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
