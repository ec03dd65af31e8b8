package org.example.piimages.daemon.image.care.packing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/** What the name of a file in an archive tells. Names are compared and never used: nothing is ever made by one. */
final class ArchiveName {

    private static final Pattern IMAGE_NAME =
            Pattern.compile(".+\\.(?:" + DownloadName.IMAGE_ENDINGS + ")(?:\\.(?:xz|gz|zst|bz2|lz4|lzma))?");
    /** For messages. */
    static final String ENDINGS = ".img, .wic, .raw or .sdimg, or in one of these and the suffix of a compression";
    /** Where macOS puts what its files have besides their content, each by the name of its file. */
    private static final String OF_MACOS = "__MACOSX";
    private static final String OF_MACOS_TOO = "._";
    /** Some of them are in every root filesystem. */
    private static final Set<String> OF_A_ROOT = Set.of("bin", "etc", "lib", "sbin", "usr", "var");

    private ArchiveName() {
    }

    /** Whether a file of this name is an image, or one that is packed by itself; the case does not count. */
    static boolean isImage(String name) {
        List<String> parts = parts(name);
        return !name.endsWith("/") && !parts.isEmpty() && !isOfMacos(parts)
                && IMAGE_NAME.matcher(parts.get(parts.size() - 1).toLowerCase(Locale.ROOT)).matches();
    }

    private static boolean isOfMacos(List<String> parts) {
        return parts.contains(OF_MACOS) || parts.get(parts.size() - 1).startsWith(OF_MACOS_TOO);
    }

    private static List<String> parts(String name) {
        return Arrays.stream(name.split("/")).filter(part -> !part.isEmpty() && !part.equals(".")).toList();
    }

    /** The folder of a root filesystem that the name begins with; empty for any other name. */
    static String folderOfRoot(String name) {
        List<String> parts = parts(name);
        return !parts.isEmpty() && OF_A_ROOT.contains(parts.get(0)) ? parts.get(0) : "";
    }

    /**
     * Refuses a name that leads out of the folder where an archive is unpacked. Nothing here uses it; an archive that carries one was made
     * to harm somebody.
     *
     * @throws Failure INVALID_IMAGE
     */
    static void requireInside(String name) {
        if (name.startsWith("/") || List.of(name.split("/")).contains("..")) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it contains a file named " + Printable.quoted(name) + ", which would be"
                    + " outside of the target directory; do not trust this archive");
        }
    }

    /** The refusal of an archive with two images. */
    static Failure several(String one, String other) {
        return new Failure(Failure.Kind.INVALID_IMAGE, "it contains several images, " + Printable.quoted(one) + " and "
                + Printable.quoted(other) + "; unpack the required one yourself");
    }

    /** The refusal of an archive with none, where {@code folders} of a root filesystem were seen in it. */
    static Failure none(Set<String> folders) {
        return new Failure(Failure.Kind.INVALID_IMAGE, folders.size() < 2
                ? "it contains no file whose name ends in " + ENDINGS
                : "it is an archive of a root filesystem, not of an image: it contains no partition table and no boot partition;"
                        + " create an image with partitions, and unpack the archive there with tar(1)");
    }
}
