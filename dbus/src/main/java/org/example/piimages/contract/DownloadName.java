package org.example.piimages.contract;

import java.util.Locale;
import java.util.regex.Pattern;

/** What the name of a download tells: whether it is packed, and whether it is an image. The case of endings does not count. */
public final class DownloadName {

    /** The endings of images, without their dots, as alternatives of a regular expression. */
    public static final String IMAGE_ENDINGS = "img|wic|raw|sdimg|rpi-sdimg";

    private static final Pattern PACKED = Pattern.compile("(\\.tar)?\\.(xz|gz|zst|bz2|lz4|lzma|zip|7z|tar|tgz|txz|tbz2?|tzst)$",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern IMAGE = Pattern.compile(".+\\.(?:" + IMAGE_ENDINGS + ")");

    private DownloadName() {
    }

    /** A name without the ending of what it is packed in; the name itself where it has none of those. */
    public static String unpacked(String name) {
        return PACKED.matcher(name).replaceFirst("");
    }

    /** What the image in a download is called, by the download's name. */
    public static String image(String name) {
        String bare = unpacked(name);
        return isImage(bare) ? bare : bare + ".img";
    }

    /** Whether a name ends as that of an image that is not packed. */
    public static boolean isImage(String name) {
        return IMAGE.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    /** Whether a name ends as that of an image, packed or not. */
    public static boolean isDownload(String name) {
        return isImage(name) || !unpacked(name).equals(name);
    }
}
