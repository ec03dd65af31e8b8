package org.example.piimages.daemon.emulation.hosttools;

import java.util.regex.Pattern;

/** Versions of Debian packages; deb-version(7). */
final class PackageVersion {

    /**
     * Suffixes added by a rebuild, a security update or the Raspberry Pi's own archive: 4.9-1+deb12u1, 590-2.1~deb12u2, 9.1-1+rpi1,
     * 3.23+b2.
     */
    private static final Pattern SUFFIXES = Pattern.compile("([+~](deb\\d+u\\d+|rpi\\d+|rpt\\d+|b\\d+))+$");

    private PackageVersion() {
    }

    /**
     * Returns whether programs of both versions behave alike: the same upstream version with the same patches except for updates within a
     * release. Native packages of Debian, such as dpkg, have no revision; updates increment the last part of their version.
     */
    static boolean fits(String host, String image) {
        return release(host).equals(release(image));
    }

    private static String release(String version) {
        String plain = SUFFIXES.matcher(version).replaceFirst("");
        boolean ownOfDebian = plain.indexOf('-') < 0 && plain.indexOf('.') != plain.lastIndexOf('.');
        return ownOfDebian ? plain.substring(0, plain.lastIndexOf('.')) : plain;
    }
}
