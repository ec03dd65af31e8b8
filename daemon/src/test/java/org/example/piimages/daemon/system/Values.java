package org.example.piimages.daemon.system;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/**
 * What dbus-java makes of D-Bus values, made comparable: arrays and structures are lists, variants their values, paths strings, unsigned
 * numbers longs.
 */
final class Values {

    private Values() {
    }

    static Object plain(Object value) {
        if (value instanceof Variant<?> variant) {
            return plain(variant.getValue());
        }
        if (value instanceof Object[] array) {
            return plain(Arrays.asList(array));
        }
        if (value instanceof Struct struct) {
            return plain(struct.getParameters());
        }
        if (value instanceof List<?> list) {
            return new ArrayList<>(list.stream().map(Values::plain).toList());
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> plain = new TreeMap<>();
            map.forEach((key, entry) -> plain.put(plain(key), plain(entry)));
            return plain;
        }
        if (value instanceof UInt16 || value instanceof UInt32 || value instanceof UInt64) {
            return ((Number) value).longValue();
        }
        return value instanceof DBusPath path ? path.getPath() : value;
    }
}
