package org.example.piimages.cli.service;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.types.Variant;

/**
 * Converts D-Bus values to types of the JDK: arrays and structs to lists, dictionaries to maps, strings and object paths to strings;
 * numbers and booleans are unchanged.
 */
public final class PlainValues {

    private PlainValues() {
    }

    /** Returns the value without types of dbus-java. */
    public static Object of(Object value) {
        if (value instanceof Variant<?> variant) {
            return of(variant.getValue());
        }
        if (value instanceof Object[] struct) {
            return list(List.of(struct));
        }
        if (value instanceof Collection<?> array) {
            return list(array);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> plain = new LinkedHashMap<>();
            map.forEach((key, element) -> plain.put(key.toString(), of(element)));
            return plain;
        }
        return value instanceof DBusPath path ? path.getPath() : value;
    }

    private static List<Object> list(Collection<?> values) {
        List<Object> plain = new ArrayList<>(values.size());
        for (Object value : values) {
            plain.add(of(value));
        }
        return plain;
    }
}
