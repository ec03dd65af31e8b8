package org.example.piimages.libc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FdSocketTest {

    private static final int F_GETFD = 1;
    private static final int FD_CLOEXEC = 1;

    private final List<Integer> received = new ArrayList<>();
    private SocketPair pair;
    private FdSocket left;
    private FdSocket right;

    @BeforeEach
    void connect() throws Exception {
        pair = SocketPair.make();
        left = new FdSocket(pair.left().number());
        right = new FdSocket(pair.right().number());
    }

    @AfterEach
    void close() {
        FdSocket.close(received);
        pair.close();
    }

    private static ByteBuffer direct(int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
        for (int one : bytes) {
            buffer.put((byte) one);
        }
        return buffer.flip();
    }

    @Test
    void receivesAtBufferPosition() throws Exception {
        left.send(direct(1, 2, 3), List.of());
        ByteBuffer into = ByteBuffer.allocateDirect(8).position(4);
        assertTrue(right.receive(into, received));
        assertEquals(7, into.position());
        assertEquals(2, into.get(5));
        assertEquals(List.of(), received);
    }

    @Test
    void receivedDescriptorsAreCloseOnExecAndSentOnesStayOpen() throws Exception {
        for (int count : new int[] {1, 2, 3, FdSocket.MAX_FDS}) {
            try (Fd fd = new Fd(Libc.call("open", "/dev/zero", 0))) {
                left.send(direct(1), Collections.nCopies(count, fd.number()));
                assertTrue(right.receive(ByteBuffer.allocateDirect(1), received));
                assertEquals(count, received.size());
                for (int number : received) {
                    assertEquals(1, Libc.callLong("read", number, new byte[1], 1));
                    assertEquals(FD_CLOEXEC, Libc.call("fcntl", number, F_GETFD));
                }
                assertEquals(1, Libc.callLong("read", fd.number(), new byte[1], 1));
            }
            FdSocket.close(received);
            received.clear();
        }
    }

    @Test
    void rejectsMoreDescriptorsThanKernelLimit() {
        assertThrows(IOException.class, () -> left.send(direct(1), Collections.nCopies(FdSocket.MAX_FDS + 1, 0)));
    }

    @Test
    void sendsMoreThanSocketBuffer() throws Exception {
        int length = 4 << 20;
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                left.send(ByteBuffer.wrap(bytes), List.of());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining()) {
            assertTrue(right.receive(into, received));
        }
        assertArrayEquals(bytes, into.array());
        sent.get(10, TimeUnit.SECONDS);
    }

    @Test
    void endOfStreamIsNotAnError() throws Exception {
        pair.left().close();
        assertFalse(right.receive(ByteBuffer.allocateDirect(1), received));
        assertEquals(Errno.EPIPE, assertThrows(ErrnoException.class, () -> right.send(direct(1), List.of())).errno());
    }

    @Test
    void shutDownWakesReceiver() throws Exception {
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return right.receive(ByteBuffer.allocateDirect(1), new ArrayList<>());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        right.shutDown();
        assertFalse(waiting.get(10, TimeUnit.SECONDS));
        right.shutDown();
    }
}
