package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.image.CallerPassphrase;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.image.system.Passphrase;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.dbus.SealedValue;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;

/**
 * The options of a call. Each is taken once; what is left over at the end is unknown to the method, and an error. A value is decoded when
 * it is taken, and then only when it has the type that the contract names: what else a sender puts into one is never looked at.
 */
final class Options {

    private static final int LIMIT = 64;
    /** More than any table has, and less than what overflows. */
    private static final int PARTITION_LIMIT = 10_000;
    private static final int LIST_LIMIT = 4096;

    private final Map<String, SealedValue> left = new HashMap<>();

    Options(Object argument) {
        Map<?, ?> options = (Map<?, ?>) argument;
        if (options.size() > LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "too many options");
        }
        options.forEach((name, value) -> left.put((String) name, (SealedValue) value));
    }

    /** False when absent. */
    boolean flag(String name) {
        return take(name, "b") instanceof Boolean value && value;
    }

    /** Empty when absent. */
    String string(String name) {
        return take(name, "s") instanceof String value ? value : "";
    }

    /** The same, told from an empty one. */
    Optional<String> stringIfThere(String name) {
        return Optional.ofNullable((String) take(name, "s"));
    }

    /** An amount of bytes; {@code absent} when absent. */
    long bytes(String name, long absent) {
        return take(name, "t") instanceof UInt64 value ? JobOperations.bytes(value) : absent;
    }

    /** A number that is only compared; 0 when absent. */
    long number(String name) {
        return take(name, "t") instanceof UInt64 value ? value.value().longValue() : 0;
    }

    /** Which partitions of an image are wanted, and what opens them: root, boot, no-boot, passphrase. */
    PartitionSelection selection() throws IOException {
        boolean withBoot = !flag(Names.OPTION_NO_BOOT);
        return new PartitionSelection(partition(Names.OPTION_ROOT), partition(Names.OPTION_BOOT), withBoot, passphrase());
    }

    private Passphrase passphrase() throws IOException {
        Fd fd = fd(Names.OPTION_PASSPHRASE);
        return fd == null ? Passphrase.NONE : CallerPassphrase.of(fd);
    }

    private OptionalInt partition(String name) {
        if (!(take(name, "u") instanceof UInt32 value)) {
            return OptionalInt.empty();
        }
        if (value.longValue() > PARTITION_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "there is no partition " + value);
        }
        return OptionalInt.of(value.intValue());
    }

    /** Empty when absent. */
    List<String> strings(String name) {
        return list(name, "as").stream().map(String.class::cast).toList();
    }

    /** Pairs of strings; none when absent. */
    List<String[]> pairs(String name) {
        return list(name, "a(ss)").stream().map(Object[].class::cast).map(pair -> new String[] {(String) pair[0], (String) pair[1]})
                .toList();
    }

    private List<?> list(String name, String type) {
        List<?> list = take(name, type) instanceof List<?> value ? value : List.of();
        if (list.size() > LIST_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " has too many entries");
        }
        return list;
    }

    /** Null when absent. It stays the message's: closed when the call has been handled. */
    Fd fd(String name) {
        return take(name, "h") instanceof FileDescriptor value ? new Fd(value.getIntFileDescriptor()) : null;
    }

    private Object take(String name, String type) {
        SealedValue value = left.remove(name);
        if (value == null) {
            return null;
        }
        if (!value.signature().equals(type)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " is of type " + value.signature() + ", not " + type);
        }
        try {
            return value.open();
        } catch (IllegalArgumentException e) {
            throw new RemoteError(Names.INVALID_ARGS, "option " + name + " cannot be decoded: " + e.getMessage());
        }
    }

    /** Refuses options that nobody took. */
    void requireNoOthers() {
        if (!left.isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "unknown option " + Printable.quoted(left.keySet().iterator().next()));
        }
    }
}
