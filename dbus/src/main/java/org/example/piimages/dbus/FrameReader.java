package org.example.piimages.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.example.piimages.libc.FdSocket;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.MessageTypeException;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MessageFactory;

/**
 * Cuts the byte stream into messages; "Message Protocol" of the D-Bus specification.
 *
 * <p>The library's own reader decodes the body while it reads, and one message that it cannot decode ends its thread: any user of the bus
 * could make the daemon deaf. This one hands the header to the library and leaves the body for whoever answers the message, so that what
 * cannot be decoded is an error for its sender alone.
 */
final class FrameReader {

    private static final int FIXED_HEADER = 16;
    private static final int MAX_HEADER_FIELDS = 64 << 20;
    private static final int MAX_MESSAGE = 128 << 20;
    /**
     * What is kept of a message. Any user can send 32 MiB at a time and let many of them wait; the longest that means something here is a
     * command line.
     */
    private static final int FIELDS_LIMIT = 16 << 10;
    private static final int BODY_LIMIT = 256 << 10;
    private static final int SKIP_LENGTH = 64 << 10;

    private final ReadableByteChannel channel;
    private final FdSocket fdSocket;

    /** Reads from the channel; where {@code fdSocket} is not null, through it, and takes file descriptors in. */
    FrameReader(ReadableByteChannel channel, FdSocket fdSocket) {
        this.channel = channel;
        this.fdSocket = fdSocket;
    }

    /**
     * Waits for the next message. A body that is longer than anybody needs is left out, so that it cannot be decoded. Empty when the
     * library cannot make a message of a header that the bus let through, or when that is too long; its descriptors are closed then.
     * Throws EOFException when the bus is gone, another IOException when the stream makes no sense any more.
     */
    Optional<Message> read() throws IOException {
        List<Integer> fds = new ArrayList<>();
        byte[] fixed = readFully(FIXED_HEADER, fds);
        ByteBuffer header = ByteBuffer.wrap(fixed).order(fixed[0] == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long bodyLength = header.getInt(4) & 0xffffffffL;
        long fieldsLength = header.getInt(12) & 0xffffffffL;
        long paddedFields = (fieldsLength + 7) / 8 * 8;
        if (fieldsLength > MAX_HEADER_FIELDS || FIXED_HEADER + paddedFields + bodyLength > MAX_MESSAGE) {
            throw new IOException("the bus sent a message longer than the specification allows");
        }
        if (paddedFields > FIELDS_LIMIT) {
            skip(paddedFields + bodyLength, fds);
            FdSocket.close(fds);
            return Optional.empty();
        }
        byte[] fields = readFully((int) paddedFields, fds);
        byte[] body = bodyLength > BODY_LIMIT ? skip(bodyLength, fds) : readFully((int) bodyLength, fds);
        try {
            return Optional.of(message(header, fields, body, fds));
        } catch (DBusException | MessageTypeException | RuntimeException e) {
            // Whatever the library makes of hostile bytes, the reader goes on: the bus has checked the frame, so the next one is in step.
            FdSocket.close(fds);
            return Optional.empty();
        }
    }

    /** A body that is not what its signature says is left out too. */
    private static Message message(ByteBuffer header, byte[] fields, byte[] body, List<Integer> fds)
            throws DBusException, MessageTypeException {
        // The library wants the fields' length, four bytes of padding and the fields as one array; which is what an array of them is.
        byte[] padded = new byte[8 + fields.length];
        header.get(12, padded, 0, 4);
        System.arraycopy(fields, 0, padded, 8, fields.length);
        if (!WireFormat.matches("a(yv)", ByteBuffer.wrap(padded, 0, 8 + header.getInt(12)).order(header.order()))) {
            throw new MessageTypeException("the header fields are none");
        }
        List<FileDescriptor> descriptors = fds.stream().map(FileDescriptor::new).toList();
        byte[] start = Arrays.copyOf(header.array(), 12);
        Message message = understood(MessageFactory.createMessage(start[1], start, padded, body, descriptors));
        String signature = message.getSig() == null ? "" : message.getSig();
        return WireFormat.matches(signature, ByteBuffer.wrap(body).order(header.order())) ? message
                : MessageFactory.createMessage(start[1], start, padded, new byte[0], descriptors);
    }

    /** The library takes a header field's type for granted when it is asked for its value: better that it fails here than later. */
    private static Message understood(Message message) {
        message.getPath();
        message.getInterface();
        message.getName();
        message.getSource();
        message.getDestination();
        message.getSig();
        message.getReplySerial();
        return message;
    }

    /** Reads so many bytes and keeps none. */
    private byte[] skip(long length, List<Integer> fds) throws IOException {
        for (long left = length; left > 0; left -= SKIP_LENGTH) {
            readFully((int) Math.min(left, SKIP_LENGTH), fds);
        }
        return new byte[0];
    }

    private byte[] readFully(int length, List<Integer> fds) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            boolean more = fdSocket == null ? channel.read(buffer) > 0 : fdSocket.receive(buffer, fds);
            if (!more) {
                FdSocket.close(fds);
                throw new EOFException("the message bus closed the connection");
            }
        }
        return buffer.array();
    }
}
