package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticationTest {

    @TempDir
    private Path directory;
    private SocketChannel client;
    private SocketChannel bus;

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("bus"));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(address);
            client = SocketChannel.open(address);
            bus = listening.accept();
        }
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        bus.close();
    }

    @Test
    void sendsNoUserName() throws IOException {
        busSays("DATA\r\nOK 1234deadbeef\r\n");
        Authentication.perform(client, false);
        assertEquals("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n", clientSaid());
    }

    @Test
    void negotiatesDescriptorPassing() throws IOException {
        busSays("DATA\r\nOK 1234deadbeef\r\nAGREE_UNIX_FD\r\n");
        Authentication.perform(client, true);
        assertEquals("\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", clientSaid());
    }

    @Test
    void reportsReasonOfRejection() throws IOException {
        busSays("DATA\r\nREJECTED EXTERNAL\r\n");
        IOException refused = assertThrows(IOException.class, () -> Authentication.perform(client, false));
        assertTrue(refused.getMessage().contains("refuses this user (reply: REJECTED EXTERNAL)"), refused.getMessage());
        busSays("DATA\r\nOK 1234deadbeef\r\nERROR\r\n");
        IOException without = assertThrows(IOException.class, () -> Authentication.perform(client, true));
        assertTrue(without.getMessage().contains("does not pass file descriptors"), without.getMessage());
    }

    @Test
    void rejectsOverlongReplyAndEndOfStream() throws IOException {
        busSays("x".repeat(5000));
        assertThrows(IOException.class, () -> Authentication.perform(client, false));
        bus.close();
        assertThrows(IOException.class, () -> Authentication.perform(client, false));
    }

    private void busSays(String text) throws IOException {
        bus.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private String clientSaid() throws IOException {
        ByteBuffer said = ByteBuffer.allocate(1000);
        bus.read(said);
        return new String(said.array(), 0, said.position(), StandardCharsets.US_ASCII);
    }
}
