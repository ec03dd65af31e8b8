package org.example.piimages.dbus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.example.piimages.libc.FdSocket;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.messages.Message;

/** Writes whole messages, each in one piece: the library's own writer makes a system call for every few bytes. */
final class FrameWriter {

    private static final int FIELDS_LENGTH = 12;
    private static final int FIELDS = 16;
    private static final byte UNIX_FDS = 9;

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
        byte[] frame = fds.isEmpty() ? frame(message) : withUnixFds(frame(message), fds.size());
        if (fdSocket != null) {
            fdSocket.send(ByteBuffer.allocateDirect(frame.length).put(frame).flip(), fds);
            return;
        }
        if (!fds.isEmpty()) {
            throw new IOException("this connection cannot pass file descriptors");
        }
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] frame(Message message) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (byte[] piece : message.getWireData()) {
            if (piece != null) {
                frame.writeBytes(piece);
            }
        }
        return frame.toByteArray();
    }

    /**
     * Adds the header field UNIX_FDS, which the library writes only when a descriptor is an argument of its own, not within a variant. The
     * bus would take the descriptors away without it.
     */
    private static byte[] withUnixFds(byte[] frame, int count) {
        ByteOrder order = frame[0] == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        int fields = ByteBuffer.wrap(frame).order(order).getInt(FIELDS_LENGTH);
        int padded = (fields + 7) / 8 * 8;
        if (hasUnixFds(frame, fields)) {
            return frame;
        }
        ByteBuffer extended = ByteBuffer.allocate(frame.length + 8).order(order);
        extended.put(frame, 0, FIELDS + fields).position(FIELDS + padded);
        extended.put(UNIX_FDS).put((byte) 1).put((byte) 'u').put((byte) 0).putInt(count);
        extended.put(frame, FIELDS + padded, frame.length - FIELDS - padded);
        return extended.putInt(FIELDS_LENGTH, padded + 8).array();
    }

    /** Fields start at multiples of eight; the library writes this one last. */
    private static boolean hasUnixFds(byte[] frame, int fields) {
        int last = FIELDS + fields - 8;
        return fields >= 8 && last % 8 == 0 && frame[last] == UNIX_FDS && frame[last + 2] == 'u';
    }
}
