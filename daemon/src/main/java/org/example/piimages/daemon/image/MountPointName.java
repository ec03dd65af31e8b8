package org.example.piimages.daemon.image;

/** What the folder is called in which an image is mounted: the file's own name, as far as it is safe everywhere a path is typed. */
final class MountPointName {

    private static final int LIMIT = 64;

    private MountPointName() {
    }

    static String of(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._+-]", "_");
        String visible = name.replaceFirst("^[.-]+", "");
        String bounded = visible.substring(0, Math.min(visible.length(), LIMIT));
        return bounded.isEmpty() ? "image" : bounded;
    }
}
