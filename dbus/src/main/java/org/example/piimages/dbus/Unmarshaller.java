package org.example.piimages.dbus;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/**
 * Decodes values, the counterpart of {@link Marshaller}; "Marshaling (Wire Format)" of the D-Bus specification.
 *
 * <p>Bytes of an untrusted peer are decoded within a limit on the number of values and on the depth, and into the types that the caller
 * of this class names. Variants, whose types the sender chooses, can be left {@link UndecodedVariant undecoded}: skipping one takes as long
 * as its signature, whatever it contains. The library decodes every message, into objects fifty times the size of the bytes.
 *
 * <table>
 * <caption>Type to Java value</caption>
 * <tr><td>y n q i u x t d</td><td>Byte, Short, UInt16, Integer, UInt32, Long, UInt64, Double</td></tr>
 * <tr><td>b</td><td>Boolean</td></tr>
 * <tr><td>s o g</td><td>String without NUL</td></tr>
 * <tr><td>h</td><td>FileDescriptor, which the message owns</td></tr>
 * <tr><td>v</td><td>Variant, or UndecodedVariant</td></tr>
 * <tr><td>a</td><td>List; {@code a{..}} Map, which keeps the last value of a key</td></tr>
 * <tr><td>( )</td><td>Object[]</td></tr>
 * </table>
 */
final class Unmarshaller {

    private final ByteBuffer bytes;
    private final List<Integer> descriptors;
    private final boolean lazyVariants;
    private int budget;

    /**
     * Decodes the remaining bytes of a buffer, in its byte order; alignment is relative to its position, which does not change.
     *
     * @param descriptors the descriptors received with the bytes
     * @param lazyVariants whether variants stay undecoded
     * @param budget the maximum number of values, to which the length of each variant's signature is added
     */
    Unmarshaller(ByteBuffer bytes, List<Integer> descriptors, boolean lazyVariants, int budget) {
        this.bytes = bytes.slice().order(bytes.order());
        this.descriptors = descriptors;
        this.lazyVariants = lazyVariants;
        this.budget = budget;
    }

    private Unmarshaller(Unmarshaller other) {
        this.bytes = other.bytes.duplicate().order(other.bytes.order());
        this.descriptors = other.descriptors;
        this.lazyVariants = other.lazyVariants;
        this.budget = other.budget;
    }

    /** Returns an independent unmarshaller at the same position. */
    Unmarshaller duplicate() {
        return new Unmarshaller(this);
    }

    /**
     * Decodes a value of each type in the signature.
     *
     * @throws IllegalArgumentException if the bytes do not match the signature, if bytes are left over, or if the budget is exceeded
     */
    Object[] values(String signature) {
        List<Object> values = new ArrayList<>();
        return checked(() -> {
            for (int at = 0; at < signature.length(); at = Signature.end(signature, at, 0)) {
                Signature.end(signature, at, 0);
                values.add(value(signature, at, 0));
            }
            require(!bytes.hasRemaining());
            return values.toArray();
        });
    }

    /**
     * Decodes the next value, which is of one complete type.
     *
     * @throws IllegalArgumentException as {@link #values}
     */
    Object value(String signature) {
        return checked(() -> {
            require(Signature.end(signature, 0, 0) == signature.length());
            return value(signature, 0, 0);
        });
    }

    /**
     * Skips the next value, which is of one complete type.
     *
     * @throws IllegalArgumentException as {@link #values}
     */
    void skip(String signature) {
        checked(() -> {
            require(Signature.end(signature, 0, 0) == signature.length());
            skip(signature, 0, 0);
            return null;
        });
    }

    /**
     * Skips padding.
     *
     * @throws IllegalArgumentException as {@link #values}
     */
    void align(int alignment) {
        checked(() -> {
            advance(-bytes.position() & (alignment - 1));
            return null;
        });
    }

    boolean hasRemaining() {
        return bytes.hasRemaining();
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> T checked(Reading<T> reading) {
        try {
            return reading.read();
        } catch (ArithmeticException | BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the data does not match the signature", e);
        }
    }

    private Object value(String signature, int at, int depth) {
        spend(1);
        char type = signature.charAt(at);
        align(Signature.alignment(type));
        return switch (type) {
            case 'y' -> bytes.get();
            case 'n' -> bytes.getShort();
            case 'q' -> new UInt16(Short.toUnsignedInt(bytes.getShort()));
            case 'i' -> bytes.getInt();
            case 'u' -> new UInt32(Integer.toUnsignedLong(bytes.getInt()));
            case 'x' -> bytes.getLong();
            case 't' -> unsigned(bytes.getLong());
            case 'd' -> bytes.getDouble();
            case 'b' -> bool(bytes.getInt());
            case 'h' -> new FileDescriptor(descriptors.get(bytes.getInt()));
            case 'g' -> text(Byte.toUnsignedInt(bytes.get()));
            case 'v' -> variant(depth + 1);
            case 'a' -> signature.charAt(at + 1) == '{' ? map(signature, at + 1, depth + 1) : array(signature, at + 1, depth + 1);
            case '(' -> members(signature, at + 1, depth + 1).toArray();
            default -> text(bytes.getInt());
        };
    }

    private static UInt64 unsigned(long bits) {
        return new UInt64(bits >>> Integer.SIZE, bits & 0xffffffffL);
    }

    private static boolean bool(int value) {
        require(value == 0 || value == 1);
        return value == 1;
    }

    private String text(int length) {
        require(length >= 0 && length < bytes.remaining());
        String text = new String(bytes.array(), bytes.arrayOffset() + bytes.position(), length, StandardCharsets.UTF_8);
        advance(length);
        require(bytes.get() == 0 && text.indexOf('\0') < 0);
        return text;
    }

    private List<Object> members(String signature, int first, int depth) {
        List<Object> members = new ArrayList<>();
        for (int at = first; !Signature.isClosing(signature.charAt(at)); at = Signature.end(signature, at, depth)) {
            members.add(value(signature, at, depth));
        }
        return members;
    }

    private List<Object> array(String signature, int element, int depth) {
        int end = arrayEnd(signature.charAt(element));
        List<Object> list = new ArrayList<>();
        while (bytes.position() < end) {
            list.add(value(signature, element, depth));
        }
        require(bytes.position() == end);
        return list;
    }

    private Map<Object, Object> map(String signature, int entry, int depth) {
        int end = arrayEnd('{');
        Map<Object, Object> map = new LinkedHashMap<>();
        while (bytes.position() < end) {
            align(Signature.alignment('{'));
            Object key = value(signature, entry + 1, depth);
            map.put(key, value(signature, entry + 2, depth));
        }
        require(bytes.position() == end);
        return map;
    }

    /** Reads the length of an array, skips to its first element and returns the position after its last one. */
    private int arrayEnd(char element) {
        int length = bytes.getInt();
        align(Signature.alignment(element));
        int end = Math.addExact(bytes.position(), length);
        require(length >= 0 && end <= bytes.limit());
        return end;
    }

    private Object variant(int depth) {
        String signature = variantType(depth);
        if (!lazyVariants) {
            return new Variant<>(value(signature, 0, depth), signature);
        }
        UndecodedVariant variant = new UndecodedVariant(signature, duplicate());
        skip(signature, 0, depth);
        return variant;
    }

    private String variantType(int depth) {
        String signature = text(Byte.toUnsignedInt(bytes.get()));
        spend(signature.length());
        require(Signature.end(signature, 0, depth) == signature.length());
        return signature;
    }

    /** Skips a value without decoding the elements of arrays. */
    private void skip(String signature, int at, int depth) {
        char type = signature.charAt(at);
        align(Signature.alignment(type));
        switch (type) {
            case 'a' -> bytes.position(arrayEnd(signature.charAt(at + 1)));
            case 's', 'o' -> skipText(bytes.getInt());
            case 'g' -> skipText(Byte.toUnsignedInt(bytes.get()));
            case 'v' -> skip(variantType(depth + 1), 0, depth + 1);
            case '(' -> skipMembers(signature, at + 1, depth + 1);
            default -> advance(Signature.alignment(type));
        }
    }

    private void skipMembers(String signature, int first, int depth) {
        for (int at = first; !Signature.isClosing(signature.charAt(at)); at = Signature.end(signature, at, depth)) {
            skip(signature, at, depth);
        }
    }

    private void skipText(int length) {
        require(length >= 0);
        advance(length);
        require(bytes.get() == 0);
    }

    private void advance(int count) {
        bytes.position(Math.addExact(bytes.position(), count));
    }

    private void spend(int cost) {
        budget -= cost;
        if (budget < 0) {
            throw new IllegalArgumentException("there are too many values");
        }
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException("the data does not match the signature");
        }
    }
}
