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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.FdSocket;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.SocketPair;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MessageFactory;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written is read; what is malformed is passed over, and the next message is read all the same. */
class FrameTest {

    private static final MessageFactory FACTORY = new MessageFactory((byte) 'l');

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

    private static MethodCall call(String signature, Object... arguments) throws Exception {
        return FACTORY.createMethodCall(null, "a.b", "/x", "a.b", "Do", (byte) 0, signature, arguments);
    }

    /** A call's bytes, of which the test changes some. */
    private static byte[] bytes(Consumer<ByteBuffer> change, String signature, Object... arguments) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] piece : call(signature, arguments).getWireData()) {
            if (piece != null) {
                bytes.put(piece);
            }
        }
        int length = bytes.position();
        change.accept(bytes);
        byte[] exact = new byte[length];
        bytes.get(0, exact);
        return exact;
    }

    private void send(byte[] bytes) throws Exception {
        new FdSocket(pair.left().number()).send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), List.of());
    }

    /** Writes what the socket does not hold as a whole, while the test reads. */
    private CompletableFuture<Void> write(Message message) {
        return CompletableFuture.runAsync(() -> {
            try {
                writer.write(message);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void assertInStep() throws Exception {
        writer.write(call("s", "next"));
        assertArrayEquals(new Object[] {"next"}, Body.of(reader.read().orElseThrow()).orElseThrow());
    }

    @Test
    void messageIsReadAsItWasWritten() throws Exception {
        writer.write(call("sa{sv}", "text ö", Map.of("flag", new Variant<>(true))));
        Message read = reader.read().orElseThrow();
        assertEquals("Do", read.getName());
        assertEquals("sa{sv}", read.getSig());
        Object[] values = Body.of(read).orElseThrow();
        assertEquals("text ö", values[0]);
        assertEquals(true, ((Variant<?>) ((Map<?, ?>) values[1]).get("flag")).getValue());
        writer.write(call(null));
        assertEquals(0, Body.of(reader.read().orElseThrow()).orElseThrow().length);
    }

    @Test
    void longAnswerIsReadAsItWasWritten() throws Exception {
        String[] texts = IntStream.range(0, 5000).mapToObj(number -> "text " + number).toArray(String[]::new);
        CompletableFuture<Void> written = write(new LongReturn(call(null), "asu", texts, new UInt32(7)));
        Object[] values = Body.of(reader.read().orElseThrow()).orElseThrow();
        assertEquals(List.of(texts), values[0]);
        assertEquals(new UInt32(7), values[1]);
        written.join();
        assertInStep();
    }

    @Test
    void descriptorsTravelWithTheirMessage() throws Exception {
        try (Fd fd = new Fd(Libc.call("open", "/dev/zero", 0))) {
            writer.write(call("h", new FileDescriptor(fd.number())));
            writer.write(call("s", "none"));
        }
        Message first = reader.read().orElseThrow();
        assertEquals(1, first.getFiledescriptors().size());
        try (Fd received = new Fd(((FileDescriptor) Body.of(first).orElseThrow()[0]).getIntFileDescriptor())) {
            assertEquals(1, Libc.callLong("read", received.number(), new byte[1], 1));
        }
        assertEquals(0, reader.read().orElseThrow().getFiledescriptors().size());
    }

    @Test
    void descriptorOfNoneIsAnErrorOfItsMessageAlone() throws Exception {
        send(bytes(b -> {}, "h", new FileDescriptor(0)));
        assertEquals(Optional.empty(), Body.of(reader.read().orElseThrow()));
        assertInStep();
    }

    @Test
    void unknownTypeIsPassedOver() throws Exception {
        send(bytes(b -> b.put(1, (byte) 77), "s", "x"));
        assertTrue(reader.read().isEmpty());
        assertInStep();
    }

    @Test
    void headerThatCannotBeDecodedIsPassedOver() throws Exception {
        // The first field's type: a path of no type that there is.
        send(bytes(b -> b.put(18, (byte) '!'), "s", "x"));
        reader.read();
        assertInStep();
    }

    @Test
    void bodyThatLiesAboutItsArraysCannotBeDecoded() throws Exception {
        byte[] lying = bytes(b -> {}, "as", (Object) new String[] {"a", "b"});
        ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putInt(lying.length - 16, 0x7fffffff);
        send(lying);
        reader.read().ifPresent(Body::of);
        assertInStep();
    }

    @Test
    void bodyLongerThanAnybodyNeedsIsLeftOut() throws Exception {
        CompletableFuture<Void> written = write(call("s", "x".repeat(8 << 20)));
        Message read = reader.read().orElseThrow();
        assertEquals("Do", read.getName());
        assertEquals(Optional.empty(), Body.of(read));
        written.join();
        assertInStep();
    }

    @Test
    void lengthsBeyondTheSpecificationEndTheConnection() throws Exception {
        send(bytes(b -> b.putInt(4, -1), "s", "x"));
        assertFalse(assertThrows(IOException.class, reader::read) instanceof EOFException);
    }

    @Test
    void endOfTheStreamIsItsEnd() throws Exception {
        byte[] whole = bytes(b -> {}, "s", "x");
        send(Arrays.copyOf(whole, whole.length - 3));
        pair.left().close();
        assertThrows(EOFException.class, reader::read);
    }
}
