package org.example.piimages.daemon.bus;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/** The options of a call. Each is taken once; what is left over at the end is unknown to the method, and an error. */
final class Options {

    private static final int LIMIT = 64;
    private static final int LIST_LIMIT = 4096;

    private final Map<String, Variant<?>> left = new HashMap<>();

    Options(Object argument) {
        Map<?, ?> options = (Map<?, ?>) argument;
        if (options.size() > LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "too many options");
        }
        options.forEach((name, value) -> left.put((String) name, (Variant<?>) value));
    }

    /** False when absent. */
    boolean flag(String name) {
        return take(name, "b") instanceof Boolean value && value;
    }

    /** Empty when absent. */
    String string(String name) {
        return take(name, "s") instanceof String value ? requireNoNul(name, value) : "";
    }

    /** An amount of bytes; {@code absent} when absent. */
    long bytes(String name, long absent) {
        return take(name, "t") instanceof UInt64 value ? JobOperations.bytes(value) : absent;
    }

    /** A number that is only compared; 0 when absent. */
    long number(String name) {
        return take(name, "t") instanceof UInt64 value ? value.value().longValue() : 0;
    }

    /** Empty when absent. */
    List<String> strings(String name) {
        Object value = take(name, "as");
        List<?> list = value == null ? List.of() : Arguments.list(value);
        if (list.size() > LIST_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " has too many entries");
        }
        return list.stream().map(entry -> requireNoNul(name, (String) entry)).toList();
    }

    /** Pairs of strings; none when absent. */
    List<String[]> pairs(String name) {
        Object value = take(name, "a(ss)");
        List<?> list = value == null ? List.of() : Arguments.list(value);
        if (list.size() > LIST_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " has too many entries");
        }
        return list.stream().map(Arguments::strings).map(pair -> new String[] {requireNoNul(name, pair.get(0)),
            requireNoNul(name, pair.get(1))}).toList();
    }

    /** Null when absent. It stays the message's: closed when the call has been handled. */
    Fd fd(String name) {
        return take(name, "h") instanceof FileDescriptor value ? new Fd(value.getIntFileDescriptor()) : null;
    }

    private Object take(String name, String type) {
        Variant<?> variant = left.remove(name);
        if (variant == null) {
            return null;
        }
        if (!variant.getSig().equals(type)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " is of type " + variant.getSig() + ", not " + type);
        }
        return variant.getValue();
    }

    private static String requireNoNul(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " contains a NUL");
        }
        return value;
    }

    /** Refuses options that nobody took. */
    void requireNoOthers() {
        if (!left.isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "unknown option " + Printable.quoted(left.keySet().iterator().next()));
        }
    }
}
