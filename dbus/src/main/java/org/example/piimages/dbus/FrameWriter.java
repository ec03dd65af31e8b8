package org.example.piimages.dbus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.example.piimages.libc.FdSocket;

/** Writes messages, each completely before the next. */
final class FrameWriter {

    private final SocketChannel channel;
    private final FdSocket fdSocket;

    /** Writes to the channel; messages with file descriptors need {@code fdSocket}, which may be null. */
    FrameWriter(SocketChannel channel, FdSocket fdSocket) {
        this.channel = channel;
        this.fdSocket = fdSocket;
    }

    /**
     * Writes the message and its descriptors, which stay open in this process.
     *
     * @param serial the serial by which a reply refers to the message; not zero
     * @return the length of the message in bytes
     * @throws IOException if the connection is lost
     */
    synchronized int write(OutgoingMessage message, int serial) throws IOException {
        List<Integer> fds = message.descriptors();
        if (fdSocket == null && !fds.isEmpty()) {
            throw new IOException("this connection cannot pass file descriptors");
        }
        ByteBuffer bytes = message.bytes(serial);
        int length = bytes.remaining();
        if (fdSocket != null) {
            fdSocket.send(bytes, fds);
            return length;
        }
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return length;
    }
}
