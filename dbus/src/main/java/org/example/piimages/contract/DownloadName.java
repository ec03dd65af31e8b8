package org.example.piimages.contract;

import java.util.Locale;
import java.util.regex.Pattern;

/** Derives from the file name of a download whether it is compressed and whether it is an image. The case of extensions is ignored. */
public final class DownloadName {

    /** The extensions of images, without the dot, as alternatives of a regular expression. */
    public static final String IMAGE_ENDINGS = "img|wic|raw|sdimg|rpi-sdimg";

    private static final Pattern PACKED = Pattern.compile("(\\.tar)?\\.(xz|gz|zst|bz2|lz4|lzma|zip|7z|tar|tgz|txz|tbz2?|tzst)$",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern IMAGE = Pattern.compile(".+\\.(?:" + IMAGE_ENDINGS + ")");

    private DownloadName() {
    }

    /** Returns the name without the extensions of its compression and archive formats; the name itself if it has none. */
    public static String unpacked(String name) {
        return PACKED.matcher(name).replaceFirst("");
    }

    /** Returns the file name of the image in a download, derived from the name of the download. */
    public static String image(String name) {
        String bare = unpacked(name);
        return isImage(bare) ? bare : bare + ".img";
    }

    /** Returns whether a name has the extension of an uncompressed image. */
    public static boolean isImage(String name) {
        return IMAGE.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    /** Whether a name ends as that of an image, packed or not. */
    public static boolean isDownload(String name) {
        return isImage(name) || !unpacked(name).equals(name);
    }
}
