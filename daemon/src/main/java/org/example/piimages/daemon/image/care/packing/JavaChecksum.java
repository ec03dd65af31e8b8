package org.example.piimages.daemon.image.care.packing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes the checksum in Java: for few bytes this takes less time than starting a tool. */
final class JavaChecksum implements ByteChecksum {

    private final MessageDigest digest;

    JavaChecksum() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Returns the checksum of an array. */
    static String of(byte[] bytes) {
        JavaChecksum sum = new JavaChecksum();
        sum.update(bytes, 0, bytes.length);
        return sum.digest();
    }

    @Override
    public void update(byte[] bytes, int from, int count) {
        digest.update(bytes, from, count);
    }

    @Override
    public String digest() {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() {
        // Nothing to release.
    }
}
