package org.example.piimages.dbus;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.function.Supplier;

/** The byte stream of the bus, which lets through more than the library can decode: a reader that ended would leave the daemon deaf. */
public final class MessagesFuzz {

    private static final int MAX_MESSAGES = 64;

    private MessagesFuzz() {
    }

    /** Reads bytes as messages until they end or make no sense any more, and decodes each body. */
    public static void fuzzerTestOneInput(byte[] data) {
        FrameReader reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(data)), null);
        try {
            for (int i = 0; i < MAX_MESSAGES; i++) {
                reader.read().ifPresent(MessagesFuzz::decode);
            }
        } catch (IOException end) {
            if (end.getMessage() == null) {
                throw new IllegalStateException("an error without words", end);
            }
        }
    }

    /** All that a gate, and whoever waits for an answer, asks of a message. */
    private static void decode(IncomingMessage message) {
        message.path();
        message.interfaceName();
        message.member();
        message.sender();
        message.flags();
        message.serial();
        message.replySerial();
        decoded(message::values);
        decoded(message::arguments);
    }

    private static boolean decoded(Supplier<Object[]> values) {
        try {
            return values.get() != null;
        } catch (IllegalArgumentException e) {
            if (e.getMessage() == null) {
                throw new IllegalStateException("an error without words", e);
            }
            return false;
        }
    }
}
