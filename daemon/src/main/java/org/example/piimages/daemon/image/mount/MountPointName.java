package org.example.piimages.daemon.image.mount;

import java.util.regex.Pattern;

/** The name of an image's mount point: the file's name, with every character replaced that is not safe wherever a path is typed. */
public final class MountPointName {

    private static final int LIMIT = 64;
    private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9._+-]");
    private static final Pattern LEADING = Pattern.compile("^[.-]+");

    private MountPointName() {
    }

    public static String of(String path) {
        String name = UNSAFE.matcher(path.substring(path.lastIndexOf('/') + 1)).replaceAll("_");
        String visible = LEADING.matcher(name).replaceFirst("");
        String bounded = visible.substring(0, Math.min(visible.length(), LIMIT));
        return bounded.isEmpty() ? "image" : bounded;
    }
}
