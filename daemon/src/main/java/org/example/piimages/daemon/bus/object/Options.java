package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.file.CallerPassphrase;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.image.system.Passphrase;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.dbus.UndecodedVariant;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;

/**
 * The options of a call. Each is taken once; {@link #requireNoOthers} then refuses the rest, which are unknown to the method. A value is
 * decoded only when it is taken and has the type that the contract names: what a sender puts into any other is never parsed.
 */
final class Options {

    private static final int LIMIT = 64;
    /** More partitions than any partition table has, and far from an integer overflow. */
    private static final int PARTITION_LIMIT = 10_000;
    private static final int LIST_LIMIT = 4096;

    private final Map<String, UndecodedVariant> remaining = new HashMap<>();

    Options(Object argument) {
        Map<?, ?> options = (Map<?, ?>) argument;
        if (options.size() > LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "too many options");
        }
        options.forEach((name, value) -> remaining.put((String) name, (UndecodedVariant) value));
    }

    /** The boolean option; false if absent. */
    boolean flag(String name) {
        return take(name, "b") instanceof Boolean value && value;
    }

    /** The string option; empty if absent. */
    String string(String name) {
        return take(name, "s") instanceof String value ? value : "";
    }

    /** The string option; an absent one is distinguished from an empty one. */
    Optional<String> optionalString(String name) {
        return Optional.ofNullable((String) take(name, "s"));
    }

    /** The option as a number of bytes; {@code defaultValue} if absent. */
    long bytes(String name, long defaultValue) {
        return take(name, "t") instanceof UInt64 value ? JobOperations.bytes(value) : defaultValue;
    }

    /** A number that is only compared, as unsigned 64 bits; 0 if absent. */
    long number(String name) {
        return take(name, "t") instanceof UInt64 value ? value.value().longValue() : 0;
    }

    /**
     * The partitions of an image to use, and the passphrase that unlocks them: root, boot, no-boot, passphrase.
     *
     * @param account the account of the caller
     */
    PartitionSelection selection(int account) throws IOException {
        boolean withBoot = !flag(Names.OPTION_NO_BOOT);
        return new PartitionSelection(partition(Names.OPTION_ROOT), partition(Names.OPTION_BOOT), withBoot, passphrase(account));
    }

    private Passphrase passphrase(int account) throws IOException {
        Fd fd = fd(Names.OPTION_PASSPHRASE);
        return fd == null ? Passphrase.NONE : CallerPassphrase.of(fd, account);
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

    /** The option as a list of strings; empty if absent. */
    List<String> strings(String name) {
        return list(name, "as").stream().map(String.class::cast).toList();
    }

    /** The option as pairs of strings; empty if absent. */
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

    /** The file descriptor option; null if absent. It belongs to the message, and is closed when the call has been handled. */
    Fd fd(String name) {
        return take(name, "h") instanceof FileDescriptor value ? new Fd(value.getIntFileDescriptor()) : null;
    }

    private Object take(String name, String type) {
        UndecodedVariant value = remaining.remove(name);
        if (value == null) {
            return null;
        }
        if (!value.signature().equals(type)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + name + " is of type " + value.signature() + ", not " + type);
        }
        try {
            return value.decode();
        } catch (IllegalArgumentException e) {
            throw new RemoteError(Names.INVALID_ARGS, "option " + name + " cannot be decoded: " + e.getMessage());
        }
    }

    /** Refuses the options that have not been taken. Throws Failure INVALID_ARGUMENT naming one of them. */
    void requireNoOthers() {
        if (!remaining.isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "unknown option " + Printable.quoted(remaining.keySet().iterator().next()));
        }
    }
}
