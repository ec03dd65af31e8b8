package org.example.piimages.dbus;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Whether bytes are values of a signature; "Marshaling (Wire Format)" of the D-Bus specification. The bus does not pass on others. The
 * library takes them as they come, and an array of structs without members keeps it making structs until there is no memory left.
 */
final class WireFormat {

    private final ByteBuffer bytes;

    private WireFormat(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * Whether all of the bytes, and no more than these, are one value of each of the signature's types. Text and paths are not looked
     * into.
     *
     * @param bytes from where values are aligned, in their byte order; left as they are
     */
    static boolean matches(String signature, ByteBuffer bytes) {
        WireFormat format = new WireFormat(bytes.slice().order(bytes.order()));
        try {
            for (int at = 0; at < signature.length();) {
                int next = Signature.end(signature, at, 0);
                format.skip(signature, at, 0);
                at = next;
            }
            return !format.bytes.hasRemaining();
        } catch (ArithmeticException | BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Passes over a value of the type that begins at a place in the signature, which is known to be complete: see {@link Signature#end}.
     * Variants count as depth too, so that the bytes cannot nest for ever. */
    private void skip(String signature, int at, int depth) {
        char type = signature.charAt(at);
        align(Signature.alignment(type));
        switch (type) {
            case 's', 'o' -> text(bytes.getInt());
            case 'g' -> text(Byte.toUnsignedInt(bytes.get()));
            case 'v' -> variant(depth + 1);
            case 'a' -> array(signature, at + 1, depth + 1);
            case '(', '{' -> members(signature, at + 1, depth + 1);
            default -> advance(Signature.alignment(type));
        }
    }

    private void members(String signature, int first, int depth) {
        for (int at = first; !Signature.isClosing(signature.charAt(at)); at = Signature.end(signature, at, depth)) {
            skip(signature, at, depth);
        }
    }

    private void array(String signature, int element, int depth) {
        int length = bytes.getInt();
        align(Signature.alignment(signature.charAt(element)));
        int end = Math.addExact(bytes.position(), length);
        require(length >= 0 && end <= bytes.limit());
        while (bytes.position() < end) {
            skip(signature, element, depth);
        }
        require(bytes.position() == end);
    }

    private void variant(int depth) {
        int length = Byte.toUnsignedInt(bytes.get());
        StringBuilder signature = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            signature.append((char) bytes.get());
        }
        require(bytes.get() == 0);
        require(Signature.end(signature.toString(), 0, depth) == length);
        skip(signature.toString(), 0, depth);
    }

    private void align(int alignment) {
        advance((alignment - bytes.position() % alignment) % alignment);
    }

    private void text(int length) {
        require(length >= 0);
        advance(length);
        require(bytes.get() == 0);
    }

    private void advance(int count) {
        bytes.position(Math.addExact(bytes.position(), count));
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException("not what the signature says");
        }
    }
}
