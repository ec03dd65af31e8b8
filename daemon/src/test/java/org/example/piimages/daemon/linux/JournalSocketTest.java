package org.example.piimages.daemon.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSocketTest {

    @TempDir
    private Path folder;

    @Test
    void entryArrivesAsOneDatagram() throws Exception {
        String path = folder.resolve("socket").toString();
        byte[] address = JournalSocket.address(path);
        try (Fd journal = new Fd(Libc.call("socket", 1, 2, 0))) {
            Libc.call("bind", journal.number(), address, address.length);
            byte[] entry = "MESSAGE=one\n".getBytes(StandardCharsets.UTF_8);
            assertTrue(JournalSocket.open(path).send(entry));
            byte[] received = new byte[100];
            int length = (int) Libc.callLong("recv", journal.number(), received, received.length, 0);
            assertArrayEquals(entry, Arrays.copyOf(received, length));
        }
    }

    @Test
    void nobodyWaitsForAJournalThatDoesNotRead() throws Exception {
        String path = folder.resolve("full").toString();
        byte[] address = JournalSocket.address(path);
        try (Fd journal = new Fd(Libc.call("socket", 1, 2, 0))) {
            Libc.call("bind", journal.number(), address, address.length);
            JournalSocket socket = JournalSocket.open(path);
            int sent = 0;
            while (sent < 100_000 && socket.send(new byte[1000])) {
                sent++;
            }
            assertTrue(sent < 100_000, "it took everything");
        }
    }

    @Test
    void journalThatIsNotThereIsSaidToBe() {
        assertFalse(JournalSocket.open(folder.resolve("nothing").toString()).send(new byte[1]));
    }
}
