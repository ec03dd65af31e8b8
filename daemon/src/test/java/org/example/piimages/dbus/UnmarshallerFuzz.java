package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;

/** Bytes of any type: what is decoded is what was sent, and all else is refused within the budget. */
public final class UnmarshallerFuzz {

    private static final int BUDGET = 4096;

    private UnmarshallerFuzz() {
    }

    /** The first byte is the length of the signature, which is next; the rest are the bytes from a boundary on. */
    public static void fuzzerTestOneInput(byte[] data) {
        int length = data.length == 0 ? 0 : Math.min(Byte.toUnsignedInt(data[0]), data.length - 1);
        String signature = new String(data, Math.min(1, data.length), length, StandardCharsets.ISO_8859_1);
        byte[] bytes = data.length == 0 ? data : Arrays.copyOfRange(data, 1 + length, data.length);
        Object[] values = decoded(signature, bytes, false);
        Object[] undecoded = decoded(signature, bytes, true);
        if (values == null) {
            return;
        }
        // Each variant of a stranger's costs its whole signature, so of these there may be fewer.
        if (undecoded != null) {
            Arrays.stream(undecoded).forEach(UnmarshallerFuzz::open);
        }
        byte[] again = new byte[new Marshaller().put(signature, values).bytes().remaining()];
        new Marshaller().put(signature, values).bytes().get(again);
        if (!Arrays.deepToString(plain(values)).equals(Arrays.deepToString(plain(decoded(signature, again, false))))) {
            throw new IllegalStateException("another value than was sent, of type " + signature);
        }
    }

    private static Object[] decoded(String signature, byte[] bytes, boolean lazyVariants) {
        try {
            ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            return new Unmarshaller(content, List.of(0, 1, 2, 3), lazyVariants, BUDGET).values(signature);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static void open(Object value) {
        if (value instanceof UndecodedVariant undecoded) {
            try {
                open(undecoded.decode());
            } catch (IllegalArgumentException e) {
                // It is more, or other, than it says.
            }
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(UnmarshallerFuzz::open);
        } else if (value instanceof List<?> list) {
            list.forEach(UnmarshallerFuzz::open);
        } else if (value instanceof Object[] struct) {
            Arrays.stream(struct).forEach(UnmarshallerFuzz::open);
        }
    }

    /** Descriptors are numbered anew when they are sent. */
    private static Object[] plain(Object[] values) {
        return Arrays.stream(values).map(UnmarshallerFuzz::plain).toArray();
    }

    private static Object plain(Object value) {
        if (value instanceof Variant<?> variant) {
            return new Object[] {variant.getSig(), plain(variant.getValue())};
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream().map(entry -> new Object[] {plain(entry.getKey()), plain(entry.getValue())}).toArray();
        }
        if (value instanceof List<?> list) {
            return plain(list.toArray());
        }
        return value instanceof Object[] struct ? plain(struct) : value instanceof FileDescriptor ? "descriptor" : value;
    }
}
