package org.example.piimages.daemon.bus;

import java.util.Arrays;
import java.util.List;

/** What dbus-java makes of D-Bus arrays, which depends on where it meets them. */
final class Arguments {

    private Arguments() {
    }

    /** An array of anything but bytes, as a list. */
    static List<?> list(Object array) {
        return array instanceof Object[] objects ? Arrays.asList(objects) : (List<?>) array;
    }

    /** An array of strings. */
    static List<String> strings(Object array) {
        return list(array).stream().map(String.class::cast).toList();
    }
}
