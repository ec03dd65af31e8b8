package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * The checksums that dpkg stores for the files of packages. They are not a protection, and none is needed: an image can only deceive
 * itself.
 */
final class Md5 {

    private static final int BUFFER = 64 * 1024;

    private Md5() {
    }

    /** Returns the checksum of an array in hexadecimal. */
    static String of(byte[] content) {
        return HexFormat.of().formatHex(digest().digest(content));
    }

    /** Returns the checksum of a whole file in hexadecimal. */
    static String of(OpenFile file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream bytes = file.stream()) {
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
