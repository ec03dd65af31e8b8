package org.example.piimages.dbus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.example.piimages.libc.FdSocket;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.messages.Message;

/** Writes whole messages, each in one piece: the library's own writer makes a system call for every few bytes. */
final class FrameWriter {

    private final SocketChannel channel;
    private final FdSocket fdSocket;

    /** Writes to the channel; messages with file descriptors need {@code fdSocket}, which may be null. */
    FrameWriter(SocketChannel channel, FdSocket fdSocket) {
        this.channel = channel;
        this.fdSocket = fdSocket;
    }

    /** Writes the message and its descriptors, which stay open here. Throws IOException when the bus is gone. */
    synchronized void write(Message message) throws IOException {
        List<Integer> fds = message.getFiledescriptors().stream().map(FileDescriptor::getIntFileDescriptor).toList();
        if (fdSocket == null && !fds.isEmpty()) {
            throw new IOException("this connection cannot pass file descriptors");
        }
        ByteBuffer bytes = fds.isEmpty() ? bytes(message) : UnixFdsField.set(bytes(message), fds.size());
        if (fdSocket != null) {
            fdSocket.send(ByteBuffer.allocateDirect(bytes.limit()).put(bytes).flip(), fds);
            return;
        }
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer bytes(Message message) {
        int length = 0;
        for (byte[] piece : message.getWireData()) {
            length += piece == null ? 0 : piece.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (byte[] piece : message.getWireData()) {
            if (piece != null) {
                bytes.put(piece);
            }
        }
        return bytes.flip();
    }
}
