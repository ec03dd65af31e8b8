package org.example.piimages.dbus;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;

/**
 * Encodes values in the little-endian wire format; "Marshaling (Wire Format)" of the D-Bus specification.
 *
 * <p>The library keeps a message as objects of a few bytes each, which for the state of a few hundred images took more time than
 * everything else and left four megabytes of garbage; and it does not count descriptors inside variants.
 *
 * <table>
 * <caption>Type to Java value</caption>
 * <tr><td>y n q i u x t d</td><td>Number; for a type narrower than the value, its lowest bits</td></tr>
 * <tr><td>b</td><td>Boolean</td></tr>
 * <tr><td>s o g</td><td>String without NUL; {@code o} also DBusPath. The caller ensures that a path is valid.</td></tr>
 * <tr><td>h</td><td>FileDescriptor, which the caller keeps and closes</td></tr>
 * <tr><td>v</td><td>Variant</td></tr>
 * <tr><td>a</td><td>Iterable or an array; {@code a{..}} Map</td></tr>
 * <tr><td>( )</td><td>Object[]</td></tr>
 * </table>
 */
public final class Marshaller {

    private static final int INITIAL_CAPACITY = 256;

    private final List<Integer> descriptors = new ArrayList<>();
    private ByteBuffer bytes = ByteBuffer.allocate(INITIAL_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * Appends values.
     *
     * @param signature the types of the values, one complete type for each
     * @throws IllegalArgumentException if the values do not match the signature; the marshaller must not be used any more then
     */
    public Marshaller put(String signature, Object... values) {
        try {
            if (putAll(signature, 0, values) == signature.length()) {
                return this;
            }
        } catch (ClassCastException | IndexOutOfBoundsException | NullPointerException e) {
            throw new IllegalArgumentException("values that are not of type " + signature + ": " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("fewer values than there are in " + signature);
    }

    /** Appends zeros up to a multiple of {@code alignment} bytes. */
    Marshaller align(int alignment) {
        int padding = -bytes.position() & (alignment - 1);
        ensureCapacity(padding).position(bytes.position() + padding);
        return this;
    }

    /** Returns the bytes so far, ready to be read. */
    ByteBuffer bytes() {
        return bytes.duplicate().flip();
    }

    /** Returns the descriptors, in the order of their indexes in the encoded values. */
    List<Integer> descriptors() {
        return descriptors;
    }

    /**
     * Appends each value with its type, beginning with the type at index {@code first} of the signature; returns the index after the last
     * type.
     */
    private int putAll(String signature, int first, Object[] values) {
        int at = first;
        for (Object value : values) {
            put(signature, at, value);
            at = Signature.end(signature, at, 0);
        }
        return at;
    }

    /** Appends a value of the complete type at index {@code at} of the signature. */
    private void put(String signature, int at, Object value) {
        char type = signature.charAt(at);
        align(Signature.alignment(type));
        switch (type) {
            case 'y' -> ensureCapacity(1).put(((Number) value).byteValue());
            case 'n', 'q' -> ensureCapacity(2).putShort(((Number) value).shortValue());
            case 'i', 'u' -> ensureCapacity(4).putInt(((Number) value).intValue());
            case 'x', 't' -> ensureCapacity(8).putLong(((Number) value).longValue());
            case 'd' -> ensureCapacity(8).putDouble(((Number) value).doubleValue());
            case 'b' -> ensureCapacity(4).putInt((Boolean) value ? 1 : 0);
            case 'h' -> descriptor((FileDescriptor) value);
            case 'g' -> signature((String) value);
            case 'v' -> variant((Variant<?>) value);
            case 'a' -> array(signature, at + 1, value);
            case '(' -> struct(signature, at + 1, (Object[]) value);
            default -> text(value instanceof DBusPath path ? path.getPath() : (String) value);
        }
    }

    private void descriptor(FileDescriptor descriptor) {
        ensureCapacity(4).putInt(descriptors.size());
        descriptors.add(descriptor.getIntFileDescriptor());
    }

    private void text(String text) {
        byte[] encoded = encoded(text);
        ensureCapacity(4 + encoded.length + 1).putInt(encoded.length).put(encoded).put((byte) 0);
    }

    private void signature(String signature) {
        byte[] encoded = encoded(signature);
        ensureCapacity(1 + encoded.length + 1).put((byte) encoded.length).put(encoded).put((byte) 0);
    }

    /** A NUL is rejected here because the bus disconnects a client that sends one in a string. */
    private static byte[] encoded(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a text cannot contain NUL");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void variant(Variant<?> variant) {
        signature(variant.getSig());
        put(variant.getSig(), 0, variant.getValue());
    }

    private void array(String signature, int element, Object value) {
        int length = bytes.position();
        ensureCapacity(4).putInt(0);
        align(Signature.alignment(signature.charAt(element)));
        int start = bytes.position();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, mapped) -> entry(signature, element, key, mapped));
        } else if (value instanceof Iterable<?> list) {
            list.forEach(item -> put(signature, element, item));
        } else {
            for (int i = 0; i < Array.getLength(value); i++) {
                put(signature, element, Array.get(value, i));
            }
        }
        bytes.putInt(length, bytes.position() - start);
    }

    /** Appends a dict entry. The key's type has a single character, because only basic types are allowed there. */
    private void entry(String signature, int entry, Object key, Object value) {
        align(Signature.alignment('{'));
        put(signature, entry + 1, key);
        put(signature, entry + 2, value);
    }

    private void struct(String signature, int first, Object[] members) {
        if (signature.charAt(putAll(signature, first, members)) != ')') {
            throw new IllegalArgumentException("a struct of " + members.length + " in " + signature);
        }
    }

    /** Returns the buffer, enlarged if it has fewer than {@code count} bytes of free space. */
    private ByteBuffer ensureCapacity(int count) {
        if (bytes.remaining() < count) {
            int position = bytes.position();
            int size = Math.max(2 * bytes.capacity(), position + count);
            bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), size)).order(ByteOrder.LITTLE_ENDIAN).position(position);
        }
        return bytes;
    }
}
