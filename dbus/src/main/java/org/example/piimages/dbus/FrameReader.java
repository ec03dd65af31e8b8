package org.example.piimages.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.example.piimages.libc.FdSocket;

/**
 * Splits the byte stream into messages; "Message Protocol" of the D-Bus specification.
 *
 * <p>Any user of the bus can send arbitrary data to the daemon. Only the header of a message is decoded here, so that a body that cannot
 * be decoded is an error for its sender alone, and takes no time of the reader thread, which serves all senders.
 */
final class FrameReader {

    /**
     * Limits of what is kept of a message, in bytes. Any user can send 32 MiB at a time and queue many such messages; the longest
     * meaningful content is a command line.
     */
    static final int FIELDS_LIMIT = 16 << 10;
    static final int BODY_LIMIT = 256 << 10;

    private static final int FIXED_HEADER = 16;
    private static final int MAX_HEADER_FIELDS = 64 << 20;
    private static final int MAX_MESSAGE = 128 << 20;
    private static final int SKIP_LENGTH = 64 << 10;

    private final ReadableByteChannel channel;
    private final FdSocket fdSocket;

    /** Reads from the channel; if {@code fdSocket} is not null, reads through it instead and receives file descriptors. */
    FrameReader(ReadableByteChannel channel, FdSocket fdSocket) {
        this.channel = channel;
        this.fdSocket = fdSocket;
    }

    /**
     * Waits for the next message. A body or a header beyond the limits is skipped, not kept.
     *
     * @return empty for a message of an unknown type, and for one whose header the bus should have rejected; its descriptors are closed
     * @throws EOFException if the bus closed the connection
     * @throws IOException if the stream is malformed or cannot be read
     */
    Optional<IncomingMessage> read() throws IOException {
        List<Integer> fds = new ArrayList<>();
        byte[] bytes = readFully(FIXED_HEADER, fds);
        ByteBuffer fixed = ByteBuffer.wrap(bytes).order(bytes[0] == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long bodyLength = Integer.toUnsignedLong(fixed.getInt(4));
        long fieldsLength = Integer.toUnsignedLong(fixed.getInt(12));
        long padding = -fieldsLength & 7;
        if (fieldsLength > MAX_HEADER_FIELDS || FIXED_HEADER + fieldsLength + padding + bodyLength > MAX_MESSAGE) {
            throw new IOException("the bus sent a message longer than the specification allows");
        }
        if (fieldsLength > FIELDS_LIMIT) {
            Optional<String> sender = new OversizedHeader(count -> readFully(count, fds), fixed.order(), fieldsLength).sender();
            skip(padding + bodyLength, fds);
            FdSocket.close(fds);
            return sender.flatMap(name -> tryParse(() -> IncomingMessage.truncated(fixed, name), List.of()));
        }
        ByteBuffer fields = ByteBuffer.wrap(readFully((int) fieldsLength, fds)).order(fixed.order());
        skip(padding, fds);
        ByteBuffer body = null;
        if (bodyLength > BODY_LIMIT) {
            skip(bodyLength, fds);
        } else {
            body = ByteBuffer.wrap(readFully((int) bodyLength, fds)).order(fixed.order());
        }
        ByteBuffer kept = body;
        return tryParse(() -> IncomingMessage.of(fixed, fields, kept, fds), fds);
    }

    /** The bus has validated the framing: the next message can be read whatever this one contains. */
    private static Optional<IncomingMessage> tryParse(Supplier<IncomingMessage> reading, List<Integer> fds) {
        try {
            return Optional.of(reading.get());
        } catch (IllegalArgumentException e) {
            FdSocket.close(fds);
            return Optional.empty();
        }
    }

    /** Reads and discards {@code length} bytes. */
    private void skip(long length, List<Integer> fds) throws IOException {
        for (long remaining = length; remaining > 0; remaining -= SKIP_LENGTH) {
            readFully((int) Math.min(remaining, SKIP_LENGTH), fds);
        }
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
