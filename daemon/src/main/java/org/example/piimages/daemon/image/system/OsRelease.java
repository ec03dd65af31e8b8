package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;

/**
 * What an image's os-release(5) says.
 *
 * @param versionCodename VERSION_CODENAME, empty when absent
 */
public record OsRelease(String versionCodename) {

    /** Reads shell-like assignments; whatever is not one is passed over. */
    public static OsRelease parse(byte[] content) {
        String codename = "";
        for (String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
            if (line.startsWith("VERSION_CODENAME=")) {
                codename = line.substring(line.indexOf('=') + 1).strip().replaceAll("^([\"'])(.*)\\1$", "$2");
            }
        }
        return new OsRelease(codename);
    }
}
