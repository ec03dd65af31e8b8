package org.example.piimages.dbus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads header fields that exceed the limit, piece by piece. Only the sender of the message is kept, because it waits for a reply. */
final class OversizedHeader {

    private static final int BUFFER_SIZE = 16 << 10;
    /** The maximum length of a name in bytes; "Valid Names" of the D-Bus specification. */
    private static final int MAX_NAME_LENGTH = 255;

    /** A source of bytes. */
    @FunctionalInterface
    interface Source {
        byte[] read(int count) throws IOException;
    }

    private final Source source;
    private final ByteOrder order;
    private final long length;
    private long unread;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    /** Reads {@code length} bytes of the source, in the given byte order. */
    OversizedHeader(Source source, ByteOrder order, long length) {
        this.source = source;
        this.order = order;
        this.length = length;
        this.unread = length;
    }

    /** Reads the whole header and returns the sender; empty if the header does not name it, or has fields of unexpected types. */
    Optional<String> sender() throws IOException {
        Optional<String> sender = Optional.empty();
        try {
            while (remaining() > 0) {
                skip(-position() & 7);
                byte code = next();
                String type = text(Byte.toUnsignedInt(next()));
                if (code == HeaderField.SENDER.code() && type.equals(HeaderField.SENDER.type())) {
                    sender = Optional.of(text(number()));
                } else {
                    skipValue(type);
                }
            }
        } catch (IllegalArgumentException e) {
            sender = Optional.empty();
        }
        skip(remaining());
        return sender;
    }

    private void skipValue(String type) throws IOException {
        switch (type) {
            case "s", "o" -> skip(number() + 1);
            case "g" -> skip(Byte.toUnsignedInt(next()) + 1L);
            case "u" -> number();
            default -> throw new IllegalArgumentException("a field of type " + type);
        }
    }

    private String text(long count) throws IOException {
        if (count > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException("a name of " + count + " bytes");
        }
        byte[] bytes = new byte[(int) count];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = next();
        }
        skip(1);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private long number() throws IOException {
        skip(-position() & 3);
        ByteBuffer number = ByteBuffer.allocate(Integer.BYTES).order(order);
        while (number.hasRemaining()) {
            number.put(next());
        }
        return Integer.toUnsignedLong(number.getInt(0));
    }

    private long remaining() {
        return unread + buffer.remaining();
    }

    private long position() {
        return length - remaining();
    }

    private byte next() throws IOException {
        fill();
        return buffer.get();
    }

    private void skip(long count) throws IOException {
        for (long more = count; more > 0;) {
            fill();
            int step = (int) Math.min(more, buffer.remaining());
            buffer.position(buffer.position() + step);
            more -= step;
        }
    }

    private void fill() throws IOException {
        if (!buffer.hasRemaining()) {
            if (unread == 0) {
                throw new IllegalArgumentException("a header that ends early");
            }
            buffer = ByteBuffer.wrap(source.read((int) Math.min(unread, BUFFER_SIZE)));
            unread -= buffer.remaining();
        }
    }
}
