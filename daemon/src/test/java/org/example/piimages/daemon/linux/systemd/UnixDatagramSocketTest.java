package org.example.piimages.daemon.linux.systemd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixDatagramSocketTest {

    @TempDir
    private Path directory;

    @Test
    void sendsOneDatagram() throws Exception {
        String path = directory.resolve("socket").toString();
        byte[] address = UnixDatagramSocket.address(path);
        try (Fd journal = new Fd(Libc.call("socket", 1, 2, 0))) {
            Libc.call("bind", journal.number(), address, address.length);
            byte[] entry = "MESSAGE=one\n".getBytes(StandardCharsets.UTF_8);
            assertTrue(UnixDatagramSocket.to(path).send(entry));
            byte[] received = new byte[100];
            int length = (int) Libc.callLong("recv", journal.number(), received, received.length, 0);
            assertArrayEquals(entry, Arrays.copyOf(received, length));
        }
    }

    @Test
    void abstractAddressBeginsWithZeroByte() {
        assertArrayEquals(new byte[] {1, 0, 0, 'a', 'b'}, UnixDatagramSocket.address("@ab"));
        assertArrayEquals(new byte[] {1, 0, '/', 'a', 0}, UnixDatagramSocket.address("/a"));
    }

    @Test
    void readsWatchdogInterval() {
        assertEquals(Optional.of(Duration.ofSeconds(30)), ServiceState.watchdog("30000000"));
        assertEquals(Optional.empty(), ServiceState.watchdog(null));
        assertEquals(Optional.empty(), ServiceState.watchdog("0"));
        assertEquals(Optional.empty(), ServiceState.watchdog("soon"));
    }

    @Test
    void doesNotWaitForReceiver() throws Exception {
        String path = directory.resolve("full").toString();
        byte[] address = UnixDatagramSocket.address(path);
        try (Fd journal = new Fd(Libc.call("socket", 1, 2, 0))) {
            Libc.call("bind", journal.number(), address, address.length);
            UnixDatagramSocket socket = UnixDatagramSocket.to(path);
            int sent = 0;
            while (sent < 100_000 && socket.send(new byte[1000])) {
                sent++;
            }
            assertTrue(sent < 100_000, "it took everything");
        }
    }

    @Test
    void reportsMissingReceiver() {
        assertFalse(UnixDatagramSocket.to(directory.resolve("nothing").toString()).send(new byte[1]));
    }
}
