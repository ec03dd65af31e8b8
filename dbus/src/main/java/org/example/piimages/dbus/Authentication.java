package org.example.piimages.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The client side of the authentication that precedes the first message; "Authentication Protocol" of the D-Bus specification.
 *
 * <p>Uses the mechanism EXTERNAL without a user name: the bus identifies this process by its kernel credentials, in whatever user
 * namespace it runs and whether or not its user has an entry in passwd(5). (The library requires a name, and takes a user without one for
 * root.) The whole exchange is sent at once, because nothing in it depends on a reply.
 */
final class Authentication {

    private static final int MAX_LINE_LENGTH = 1024;

    private final SocketChannel channel;
    private final ByteBuffer received = ByteBuffer.allocate(MAX_LINE_LENGTH).flip();

    private Authentication(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Authenticates on a newly connected channel; afterwards the channel carries messages.
     *
     * @param passFds whether to negotiate the passing of file descriptors
     * @throws IOException if the bus rejects this user or does not pass descriptors
     */
    static void perform(SocketChannel channel, boolean passFds) throws IOException {
        String request = "\0AUTH EXTERNAL\r\nDATA\r\n" + (passFds ? "NEGOTIATE_UNIX_FD\r\n" : "") + "BEGIN\r\n";
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        Authentication answers = new Authentication(channel);
        answers.require("DATA", "it does not support the mechanism EXTERNAL");
        answers.require("OK", "it refuses this user");
        if (passFds) {
            answers.require("AGREE_UNIX_FD", "it does not pass file descriptors");
        }
    }

    private void require(String command, String otherwise) throws IOException {
        String line = line();
        if (!line.equals(command) && !line.startsWith(command + " ")) {
            throw new IOException("the message bus rejected the connection: " + otherwise + " (reply: " + line + ")");
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < MAX_LINE_LENGTH) {
            if (!received.hasRemaining()) {
                received.clear();
                if (channel.read(received) < 0) {
                    throw new EOFException("the message bus closed the connection before the authentication");
                }
                received.flip();
            }
            char next = (char) received.get();
            if (next == '\n') {
                return line.toString().stripTrailing();
            }
            line.append(next);
        }
        throw new IOException("the reply of the message bus to the authentication is too long");
    }
}
