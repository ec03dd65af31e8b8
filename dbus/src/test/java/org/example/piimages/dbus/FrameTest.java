package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.FdSocket;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.SocketPair;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Written messages are read back; malformed ones are skipped, and the next message is still read. */
class FrameTest {

    private static final int SERIAL = 5;

    private SocketPair pair;
    private FrameWriter writer;
    private FrameReader reader;

    @BeforeEach
    void connect() throws Exception {
        pair = SocketPair.make();
        writer = new FrameWriter(null, new FdSocket(pair.left().number()));
        reader = new FrameReader(null, new FdSocket(pair.right().number()));
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private static OutgoingMessage call(String signature, Object... arguments) {
        return OutgoingMessage.call("a.b", "/x", "a.b", "Do", (byte) 0).with(signature, arguments);
    }

    /** The bytes of a call, modified by the test. */
    private static byte[] bytes(Consumer<ByteBuffer> change, String signature, Object... arguments) {
        ByteBuffer bytes = call(signature, arguments).bytes(SERIAL);
        change.accept(bytes.order(ByteOrder.LITTLE_ENDIAN));
        return bytes.array();
    }

    private void send(byte[] bytes) {
        try {
            new FdSocket(pair.left().number()).send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), List.of());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes in the background, because the message is larger than the socket's buffer. */
    private CompletableFuture<Void> write(OutgoingMessage message) {
        return CompletableFuture.runAsync(() -> {
            try {
                writer.write(message, SERIAL);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void assertInStep() throws Exception {
        writer.write(call("s", "next"), SERIAL);
        assertArrayEquals(new Object[] {"next"}, reader.read().orElseThrow().values());
    }

    @Test
    void readsCallAsWritten() throws Exception {
        writer.write(call("sa{sv}", "text ö", Map.of("flag", new Variant<>(true))), SERIAL);
        IncomingMessage read = reader.read().orElseThrow();
        assertEquals("Do", read.member());
        assertEquals("sa{sv}", read.signature());
        Object[] values = read.values();
        assertEquals("text ö", values[0]);
        assertEquals(true, ((Variant<?>) ((Map<?, ?>) values[1]).get("flag")).getValue());
        writer.write(call(""), SERIAL);
        assertEquals(0, reader.read().orElseThrow().values().length);
    }

    @Test
    void readsLongReplyAsWritten() throws Exception {
        List<String> texts = IntStream.range(0, 5000).mapToObj(number -> "text " + number).toList();
        CompletableFuture<Void> written = write(OutgoingMessage.reply(":1.2", 77).with("asu", texts, 7));
        IncomingMessage answer = reader.read().orElseThrow();
        assertEquals(77, answer.replySerial());
        assertEquals(":1.2", answer.destination());
        Object[] values = answer.values();
        assertEquals(texts, values[0]);
        assertEquals(new UInt32(7), values[1]);
        written.join();
        assertInStep();
    }

    @Test
    void readsErrorAndSignal() throws Exception {
        writer.write(OutgoingMessage.error(":1.2", 78, "a.b.Error.No").with("s", "no"), SERIAL);
        IncomingMessage error = reader.read().orElseThrow();
        assertEquals("a.b.Error.No", error.errorName());
        assertEquals(78, error.replySerial());
        writer.write(OutgoingMessage.signal("/x", "a.b", "Done").with("b", true), -1);
        IncomingMessage signal = reader.read().orElseThrow();
        assertEquals(List.of("/x", "a.b", "Done"), List.of(signal.path(), signal.interfaceName(), signal.member()));
        assertEquals(0xffffffffL, signal.serial());
        assertArrayEquals(new Object[] {true}, signal.values());
    }

    /** Also in variants, in which options and unit properties carry descriptors. */
    @Test
    void descriptorsTravelWithTheirMessage() throws Exception {
        try (Fd zero = new Fd(Libc.call("open", "/dev/zero", 0)); Fd nothing = new Fd(Libc.call("open", "/dev/null", 0))) {
            Map<String, Variant<?>> options = Map.of("stdin", new Variant<>(new FileDescriptor(nothing.number())));
            writer.write(call("ha{sv}", new FileDescriptor(zero.number()), options), SERIAL);
            writer.write(call("s", "none"), SERIAL);
        }
        IncomingMessage first = reader.read().orElseThrow();
        assertEquals(2, first.descriptors().size());
        Object[] values = first.values();
        FileDescriptor inside = (FileDescriptor) ((Variant<?>) ((Map<?, ?>) values[1]).get("stdin")).getValue();
        try (Fd zero = new Fd(((FileDescriptor) values[0]).getIntFileDescriptor()); Fd nothing = new Fd(inside.getIntFileDescriptor())) {
            assertEquals(1, Libc.callLong("read", zero.number(), new byte[1], 1));
            assertEquals(0, Libc.callLong("read", nothing.number(), new byte[1], 1));
        }
        assertEquals(0, reader.read().orElseThrow().descriptors().size());
    }

    @Test
    void missingDescriptorFailsItsMessageOnly() throws Exception {
        send(bytes(b -> {}, "h", new FileDescriptor(0)));
        IncomingMessage message = reader.read().orElseThrow();
        assertThrows(IllegalArgumentException.class, message::values);
        assertInStep();
    }

    @Test
    void skipsUnknownMessageType() throws Exception {
        send(bytes(b -> b.put(1, (byte) 77), "s", "x"));
        assertTrue(reader.read().isEmpty());
        assertInStep();
    }

    @Test
    void skipsMalformedHeader() throws Exception {
        // The type of the first field becomes one that does not exist.
        send(bytes(b -> b.put(18, (byte) '!'), "s", "x"));
        reader.read();
        assertInStep();
    }

    @Test
    void rejectsArrayLengthBeyondBody() throws Exception {
        byte[] lying = bytes(b -> {}, "as", (Object) new String[] {"a", "b"});
        ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putInt(lying.length - 16, 0x7fffffff);
        send(lying);
        IncomingMessage read = reader.read().orElseThrow();
        assertThrows(IllegalArgumentException.class, read::values);
        assertThrows(IllegalArgumentException.class, read::arguments);
        assertInStep();
    }

    @Test
    void skipsBodyBeyondLimit() throws Exception {
        CompletableFuture<Void> written = write(call("s", "x".repeat(8 << 20)));
        IncomingMessage read = reader.read().orElseThrow();
        assertEquals("Do", read.member());
        IncomingMessage message = read;
        assertThrows(IllegalArgumentException.class, message::values);
        written.join();
        assertInStep();
    }

    /** The sender waits for a reply; the rest of the message is of no use. */
    @Test
    void keepsSenderOfHeaderBeyondLimit() throws Exception {
        for (int length : new int[] {FrameReader.FIELDS_LIMIT, 1 << 20}) {
            OutgoingMessage call = OutgoingMessage.call(":1.7", "/" + "x".repeat(length), "a.b", "Do", (byte) 0).with("s", "body");
            CompletableFuture<Void> written = write(call);
            assertTrue(reader.read().isEmpty(), "a message of nobody");
            written.join();
            byte[] bytes = call.bytes(SERIAL).array();
            // The destination field becomes the sender field.
            bytes[16] = HeaderField.SENDER.code();
            written = CompletableFuture.runAsync(() -> send(bytes));
            IncomingMessage cut = reader.read().orElseThrow();
            assertEquals(List.of(":1.7", SERIAL, false), List.of(cut.sender(), (int) cut.serial(), cut.isComplete()));
            written.join();
            assertInStep();
        }
    }

    @Test
    void lengthBeyondSpecificationEndsConnection() throws Exception {
        send(bytes(b -> b.putInt(4, -1), "s", "x"));
        assertFalse(assertThrows(IOException.class, reader::read) instanceof EOFException);
    }

    @Test
    void truncatedMessageIsEndOfStream() throws Exception {
        byte[] whole = bytes(b -> {}, "s", "x");
        send(Arrays.copyOf(whole, whole.length - 3));
        pair.left().close();
        assertThrows(EOFException.class, reader::read);
    }
}
