package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header field UNIX_FDS of an outgoing message: how many descriptors travel with it; "Header Fields" of the D-Bus specification.
 *
 * <p>The library counts those that are arguments of their own and forgets those inside variants, where options and unit properties have
 * them. The receiver would get none then.
 */
final class UnixFdsField {

    private static final byte UNIX_FDS = 9;
    private static final int LENGTH_AT = 12;
    private static final int FIELDS_AT = 16;
    private static final int FIELD_SIZE = 8;

    private UnixFdsField() {
    }

    /** The message, a heap buffer to be read from its start, with the field as it must be. */
    static ByteBuffer set(ByteBuffer message, int count) {
        ByteBuffer bytes = message.order(message.get(0) == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int end = FIELDS_AT + bytes.getInt(LENGTH_AT);
        for (int field = FIELDS_AT; field < end; field = align(end(bytes, field), 8)) {
            if (bytes.get(field) == UNIX_FDS) {
                return bytes.putInt(field + 4, count);
            }
        }
        int body = align(end, 8);
        ByteBuffer longer = ByteBuffer.allocate(bytes.limit() + FIELD_SIZE).order(bytes.order());
        longer.put(0, bytes, 0, body);
        longer.position(body);
        longer.put(UNIX_FDS).put((byte) 1).put((byte) 'u').put((byte) 0).putInt(count);
        longer.put(bytes.slice(body, bytes.limit() - body));
        longer.putInt(LENGTH_AT, body + FIELD_SIZE - FIELDS_AT);
        return longer.flip();
    }

    /** Where the field at an offset ends: a byte that names it, and a variant of one of the four types that header fields have. */
    private static int end(ByteBuffer bytes, int field) {
        int value = field + 4;
        return switch (bytes.get(field + 2)) {
            case 's', 'o' -> value + 4 + bytes.getInt(value) + 1;
            case 'g' -> value + 1 + bytes.get(value) + 1;
            default -> value + 4;
        };
    }

    private static int align(int offset, int boundary) {
        return (offset + boundary - 1) / boundary * boundary;
    }
}
