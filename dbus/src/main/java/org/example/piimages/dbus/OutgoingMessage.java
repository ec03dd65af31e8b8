package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A message to be sent: its header's fields and its body; "Message Format" of the D-Bus specification. */
final class OutgoingMessage {

    private static final int FIXED_HEADER = 16;
    private static final int BOUNDARY = 8;
    private static final byte VERSION = 1;

    private final MessageType type;
    private final byte flags;
    /** They begin on a boundary in the message, as here. */
    private final Marshaller fields = new Marshaller();
    private final Marshaller body = new Marshaller();

    private OutgoingMessage(MessageType type, byte flags) {
        this.type = type;
        this.flags = flags;
    }

    /** A call of a method. */
    static OutgoingMessage call(String destination, String path, String interfaceName, String member, byte flags) {
        return new OutgoingMessage(MessageType.METHOD_CALL, flags).field(HeaderField.DESTINATION, destination).field(HeaderField.PATH, path)
                .field(HeaderField.INTERFACE, interfaceName).field(HeaderField.MEMBER, member);
    }

    /** The answer to a call, which is known by its sender and serial. */
    static OutgoingMessage answer(String destination, long serial) {
        return new OutgoingMessage(MessageType.METHOD_RETURN, BusConnection.NO_REPLY_EXPECTED).field(HeaderField.DESTINATION, destination)
                .field(HeaderField.REPLY_SERIAL, serial);
    }

    /** The same where the call has failed; its body begins with a text. */
    static OutgoingMessage error(String destination, long serial, String name) {
        return new OutgoingMessage(MessageType.ERROR, BusConnection.NO_REPLY_EXPECTED).field(HeaderField.DESTINATION, destination)
                .field(HeaderField.REPLY_SERIAL, serial).field(HeaderField.ERROR_NAME, name);
    }

    /** A signal for whoever listens. */
    static OutgoingMessage signal(String path, String interfaceName, String member) {
        return new OutgoingMessage(MessageType.SIGNAL, BusConnection.NO_REPLY_EXPECTED).field(HeaderField.PATH, path)
                .field(HeaderField.INTERFACE, interfaceName)
                .field(HeaderField.MEMBER, member);
    }

    /** The values that it carries, as {@link Marshaller} takes them; throws IllegalArgumentException as that. */
    OutgoingMessage with(String signature, Object... values) {
        body.put(signature, values);
        if (!signature.isEmpty()) {
            field(HeaderField.SIGNATURE, signature);
        }
        if (!body.descriptors().isEmpty()) {
            field(HeaderField.UNIX_FDS, body.descriptors().size());
        }
        return this;
    }

    /** A struct of the field's code and a variant. */
    private OutgoingMessage field(HeaderField field, Object value) {
        fields.align(BOUNDARY).put("yg" + field.type(), field.code(), field.type(), value);
        return this;
    }

    /** All of it as it goes over the wire. */
    ByteBuffer bytes(int serial) {
        ByteBuffer header = fields.bytes();
        ByteBuffer content = body.bytes();
        int padding = -header.limit() & (BOUNDARY - 1);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_HEADER + header.limit() + padding + content.limit()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'l').put(type.code()).put(flags).put(VERSION).putInt(content.limit()).putInt(serial).putInt(header.limit())
                .put(header);
        return bytes.position(bytes.position() + padding).put(content).flip();
    }

    /** The descriptors that go with it. */
    List<Integer> descriptors() {
        return body.descriptors();
    }
}
