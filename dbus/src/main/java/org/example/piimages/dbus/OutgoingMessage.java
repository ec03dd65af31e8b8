package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A message to be sent: its header's fields and its body; "Message Format" of the D-Bus specification. */
final class OutgoingMessage {

    private static final byte METHOD_CALL = 1;
    private static final byte METHOD_RETURN = 2;
    private static final byte ERROR = 3;
    private static final byte SIGNAL = 4;

    private static final int PATH = 1;
    private static final int INTERFACE = 2;
    private static final int MEMBER = 3;
    private static final int ERROR_NAME = 4;
    private static final int REPLY_SERIAL = 5;
    private static final int DESTINATION = 6;
    private static final int SIGNATURE = 8;
    private static final int UNIX_FDS = 9;

    private static final int FIXED_HEADER = 16;
    private static final int BOUNDARY = 8;
    private static final byte VERSION = 1;

    private final byte type;
    private final byte flags;
    /** They begin on a boundary in the message, as here. */
    private final Marshaller fields = new Marshaller();
    private final Marshaller body = new Marshaller();

    private OutgoingMessage(byte type, byte flags) {
        this.type = type;
        this.flags = flags;
    }

    /** A call of a method. */
    static OutgoingMessage call(String destination, String path, String interfaceName, String member, byte flags) {
        return new OutgoingMessage(METHOD_CALL, flags).field(DESTINATION, "s", destination).field(PATH, "o", path)
                .field(INTERFACE, "s", interfaceName).field(MEMBER, "s", member);
    }

    /** The answer to a call, which is known by its sender and serial. */
    static OutgoingMessage answer(String destination, long serial) {
        return new OutgoingMessage(METHOD_RETURN, BusConnection.NO_REPLY_EXPECTED).field(DESTINATION, "s", destination)
                .field(REPLY_SERIAL, "u", serial);
    }

    /** The same where the call has failed; its body begins with a text. */
    static OutgoingMessage error(String destination, long serial, String name) {
        return new OutgoingMessage(ERROR, BusConnection.NO_REPLY_EXPECTED).field(DESTINATION, "s", destination)
                .field(REPLY_SERIAL, "u", serial).field(ERROR_NAME, "s", name);
    }

    /** A signal for whoever listens. */
    static OutgoingMessage signal(String path, String interfaceName, String member) {
        return new OutgoingMessage(SIGNAL, BusConnection.NO_REPLY_EXPECTED).field(PATH, "o", path).field(INTERFACE, "s", interfaceName)
                .field(MEMBER, "s", member);
    }

    /** The values that it carries, as {@link Marshaller} takes them; throws IllegalArgumentException as that. */
    OutgoingMessage with(String signature, Object... values) {
        body.put(signature, values);
        if (!signature.isEmpty()) {
            field(SIGNATURE, "g", signature);
        }
        if (!body.descriptors().isEmpty()) {
            field(UNIX_FDS, "u", body.descriptors().size());
        }
        return this;
    }

    /** A struct of the field's code and a variant. */
    private OutgoingMessage field(int code, String signature, Object value) {
        fields.align(BOUNDARY).put("yg" + signature, code, signature, value);
        return this;
    }

    /** All of it as it goes over the wire. */
    ByteBuffer bytes(int serial) {
        ByteBuffer header = fields.bytes();
        ByteBuffer content = body.bytes();
        int padding = -header.limit() & (BOUNDARY - 1);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_HEADER + header.limit() + padding + content.limit()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'l').put(type).put(flags).put(VERSION).putInt(content.limit()).putInt(serial).putInt(header.limit()).put(header);
        return bytes.position(bytes.position() + padding).put(content).flip();
    }

    /** The descriptors that go with it. */
    List<Integer> descriptors() {
        return body.descriptors();
    }
}
