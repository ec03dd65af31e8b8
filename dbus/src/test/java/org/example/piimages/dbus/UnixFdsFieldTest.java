package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MessageFactory;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnixFdsFieldTest {

    private static final byte UNIX_FDS = 9;

    @ParameterizedTest
    @ValueSource(bytes = {'l', 'B'})
    void countsDescriptorsInsideVariants(byte endian) throws Exception {
        Message sent = new MessageFactory(endian).createMethodCall(null, "org.example", "/path", "org.example.Interface", "Method",
                (byte) 0, "sa{sv}", "text", Map.of("stdin", new Variant<>(new FileDescriptor(7))));
        ByteBuffer frame = UnixFdsField.set(frame(sent), 1);
        Message received = parse(frame, List.of(new FileDescriptor(9)));
        assertEquals(List.of(1), counts(frame));
        assertEquals("org.example.Interface", received.getInterface());
        assertEquals("text", received.getParameters()[0]);
        Variant<?> stdin = (Variant<?>) ((Map<?, ?>) received.getParameters()[1]).get("stdin");
        assertEquals(new FileDescriptor(9), stdin.getValue());
    }

    @Test
    void correctsTheCountThatIsThere() throws Exception {
        Message sent = new MessageFactory((byte) 'l').createMethodCall(null, "org.example", "/path", "org.example.Interface", "Method",
                (byte) 0, "ha{sv}", new FileDescriptor(5), Map.of("stdin", new Variant<>(new FileDescriptor(7))));
        ByteBuffer before = frame(sent);
        int length = before.limit();
        ByteBuffer frame = UnixFdsField.set(before, 2);
        assertEquals(length, frame.limit());
        Message received = parse(frame, List.of(new FileDescriptor(8), new FileDescriptor(9)));
        assertEquals(List.of(2), counts(frame));
        assertEquals(new FileDescriptor(8), received.getParameters()[0]);
    }

    /** The value of each UNIX_FDS field: a struct of its byte and a variant, on a boundary of eight bytes. */
    private static List<Integer> counts(ByteBuffer frame) {
        List<Integer> counts = new ArrayList<>();
        for (int at = 16; at < 16 + frame.getInt(12); at += 8) {
            if (frame.get(at) == UNIX_FDS && frame.get(at + 2) == 'u') {
                counts.add(frame.getInt(at + 4));
            }
        }
        return counts;
    }

    private static ByteBuffer frame(Message message) {
        ByteBuffer frame = ByteBuffer.allocate(4096);
        for (byte[] piece : message.getWireData()) {
            frame.put(piece == null ? new byte[0] : piece);
        }
        return ByteBuffer.wrap(Arrays.copyOf(frame.array(), frame.position()));
    }

    /** As FrameReader does. */
    private static Message parse(ByteBuffer frame, List<FileDescriptor> fds) throws Exception {
        byte[] bytes = Arrays.copyOf(frame.array(), frame.limit());
        ByteOrder order = bytes[0] == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        int padded = (ByteBuffer.wrap(bytes).order(order).getInt(12) + 7) / 8 * 8;
        byte[] fields = new byte[8 + padded];
        System.arraycopy(bytes, 12, fields, 0, 4);
        System.arraycopy(bytes, 16, fields, 8, padded);
        byte[] body = Arrays.copyOfRange(bytes, 16 + padded, bytes.length);
        return MessageFactory.createMessage(bytes[1], Arrays.copyOf(bytes, 12), fields, body, fds);
    }
}
