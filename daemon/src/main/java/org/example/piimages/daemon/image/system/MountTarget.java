package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Normalises paths in an image's fstab. They still have to be resolved within the image: any component may be a symbolic link. */
final class MountTarget {

    private static final int LENGTH_LIMIT = 1024;

    private MountTarget() {
    }

    /**
     * Returns the path without repeated or trailing slashes and without "." components.
     *
     * @return empty if it is not absolute, contains "..", a control character (the kernel would cut it at a zero byte) or invalid UTF-8, or
     *     is too long to be meant
     */
    static Optional<String> normalise(String path) {
        boolean readable = path.codePoints().noneMatch(point -> Character.isISOControl(point) || point == 0xFFFD);
        if (!path.startsWith("/") || path.length() > LENGTH_LIMIT || !readable) {
            return Optional.empty();
        }
        List<String> components = new ArrayList<>();
        for (String component : path.split("/")) {
            if (component.equals("..")) {
                return Optional.empty();
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        return Optional.of("/" + String.join("/", components));
    }

    /** Returns the number of components of a normalised path; a path below another has more of them. */
    static long depth(String path) {
        return path.equals("/") ? 0 : path.chars().filter(character -> character == '/').count();
    }

    /** Whether a normalised path is /boot or lies below it. */
    static boolean isBoot(String path) {
        return path.equals("/boot") || path.startsWith("/boot/");
    }
}
