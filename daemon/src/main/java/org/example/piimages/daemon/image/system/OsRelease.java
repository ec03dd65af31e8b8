package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;

/**
 * What an image's os-release(5) says.
 *
 * @param versionCodename VERSION_CODENAME, empty when absent
 * @param name PRETTY_NAME, empty when absent; the image's own words
 */
public record OsRelease(String versionCodename, String name) {

    /** How much of the file is read, in bytes. */
    public static final int BYTE_LIMIT = 64 * 1024;

    /** What an image without the file has. */
    public static final OsRelease NONE = new OsRelease("", "");

    /** Reads shell-like assignments; whatever is not one is passed over. */
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
