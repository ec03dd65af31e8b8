package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A path in an image's fstab, made safe to work with. It still has to be resolved within the image: any part may be a link. */
final class MountTarget {

    private static final int LENGTH_LIMIT = 1024;

    private MountTarget() {
    }

    /**
     * The path without doubled or trailing slashes and without "." components.
     *
     * @return empty when it is not absolute, climbs with "..", has control characters (the kernel would cut it at a zero byte) or bytes
     *     that were no UTF-8, or is too long to be meant
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

    /** How many components a normalised path has; whatever lies below something has more than it. */
    static long depth(String path) {
        return path.equals("/") ? 0 : path.chars().filter(character -> character == '/').count();
    }

    /** Whether a normalised path is /boot or lies below it. */
    static boolean isBoot(String path) {
        return path.equals("/boot") || path.startsWith("/boot/");
    }
}
