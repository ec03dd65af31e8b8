package org.example.piimages.daemon.image.care.packing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/** Classifies names of files in archives. Names are only compared; no file is ever created with one. */
final class ArchiveName {

    private static final Pattern IMAGE_NAME =
            Pattern.compile(".+\\.(?:" + DownloadName.IMAGE_ENDINGS + ")(?:\\.(?:xz|gz|zst|bz2|lz4|lzma))?");
    /** The endings of image names, for messages. */
    static final String ENDINGS = ".img, .wic, .raw or .sdimg, or in one of these and the suffix of a compression";
    /** The directory and the name prefix that macOS uses for metadata of files. */
    private static final String MACOS_DIRECTORY = "__MACOSX";
    private static final String MACOS_PREFIX = "._";
    /** Directories of which every root filesystem has several. */
    private static final Set<String> ROOT_DIRECTORIES = Set.of("bin", "etc", "lib", "sbin", "usr", "var");

    /** The files of the Raspberry Pi's firmware. The images beside them are kernels and RAM disks, as in NOOBS. */
    private static final Pattern FIRMWARE = Pattern.compile("bootcode\\.bin|start[0-9a-z_]*\\.elf");

    private ArchiveName() {
    }

    /** Whether the name is that of an image or a compressed image; case-insensitive. */
    static boolean isImage(String name) {
        List<String> parts = parts(name);
        return !name.endsWith("/") && !parts.isEmpty() && !isOfMacos(parts)
                && IMAGE_NAME.matcher(parts.get(parts.size() - 1).toLowerCase(Locale.ROOT)).matches();
    }

    /** Whether the name is that of a file of the Raspberry Pi's firmware. */
    static boolean isFirmware(String name) {
        List<String> parts = parts(name);
        return !parts.isEmpty() && FIRMWARE.matcher(parts.get(parts.size() - 1).toLowerCase(Locale.ROOT)).matches();
    }

    /** The directory that contains the file. */
    static List<String> directory(String name) {
        List<String> parts = parts(name);
        return parts.subList(0, Math.max(0, parts.size() - 1));
    }

    private static boolean isOfMacos(List<String> parts) {
        return parts.contains(MACOS_DIRECTORY) || parts.get(parts.size() - 1).startsWith(MACOS_PREFIX);
    }

    private static List<String> parts(String name) {
        return Arrays.stream(name.split("/")).filter(part -> !part.isEmpty() && !part.equals(".")).toList();
    }

    /** The top-level directory in the name, if it is one of a root filesystem; otherwise an empty string. */
    static String directoryOfRoot(String name) {
        List<String> parts = parts(name);
        return !parts.isEmpty() && ROOT_DIRECTORIES.contains(parts.get(0)) ? parts.get(0) : "";
    }

    /**
     * Refuses a name that leads out of the directory where the archive is unpacked. The daemon would not use it, but such an archive is
     * malicious.
     *
     * @throws Failure INVALID_IMAGE
     */
    static void requireInside(String name) {
        if (name.startsWith("/") || List.of(name.split("/")).contains("..")) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it contains a file named " + Printable.quoted(name) + ", which would be"
                    + " outside of the target directory; do not trust this archive");
        }
    }

    /** Creates the Failure INVALID_IMAGE for an archive with two images. */
    static Failure severalImages(String one, String other) {
        return new Failure(Failure.Kind.INVALID_IMAGE, "it contains several images, " + Printable.quoted(one) + " and "
                + Printable.quoted(other) + "; unpack the required one yourself");
    }

    /** Creates the Failure INVALID_IMAGE for an archive of the files of a boot partition. */
    static Failure bootFiles() {
        return new Failure(Failure.Kind.INVALID_IMAGE, "it contains the files of a boot partition, among them the firmware, not an image;"
                + " copy them to a FAT partition");
    }

    /**
     * Creates the Failure INVALID_IMAGE for an archive without an image.
     *
     * @param directories the directories of a root filesystem that it contains
     */
    static Failure noImage(Set<String> directories) {
        return new Failure(Failure.Kind.INVALID_IMAGE, directories.size() < 2
                ? "it contains no file whose name ends in " + ENDINGS
                : "it is an archive of a root filesystem, not of an image: it contains no partition table and no boot partition;"
                        + " create an image with partitions, and unpack the archive there with tar(1)");
    }
}
