package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;

/**
 * The content of an image's os-release(5).
 *
 * @param versionCodename VERSION_CODENAME; the empty string if absent
 * @param name PRETTY_NAME, untrusted; the empty string if absent
 */
public record OsRelease(String versionCodename, String name) {

    /** The most that is read of the file, in bytes. */
    public static final int BYTE_LIMIT = 64 * 1024;

    /** The content for an image without the file. */
    public static final OsRelease NONE = new OsRelease("", "");

    /** Parses shell-like assignments; other lines are ignored. */
    public static OsRelease parse(byte[] content) {
        String codename = "";
        String name = "";
        for (String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
            if (line.startsWith("VERSION_CODENAME=")) {
                codename = value(line);
            } else if (line.startsWith("PRETTY_NAME=")) {
                name = value(line);
            }
        }
        return new OsRelease(codename, name);
    }

    private static String value(String line) {
        return line.substring(line.indexOf('=') + 1).strip().replaceAll("^([\"'])(.*)\\1$", "$2");
    }
}
