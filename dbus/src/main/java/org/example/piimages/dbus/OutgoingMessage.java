package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A message to be sent: header fields and body; "Message Format" of the D-Bus specification. */
final class OutgoingMessage {

    private static final int FIXED_HEADER = 16;
    private static final int ALIGNMENT = 8;
    private static final byte VERSION = 1;

    private final MessageType type;
    private final byte flags;
    /** In the message too, the fields begin at a multiple of 8 bytes, so their alignment is the same. */
    private final Marshaller fields = new Marshaller();
    private final Marshaller body = new Marshaller();

    private OutgoingMessage(MessageType type, byte flags) {
        this.type = type;
        this.flags = flags;
    }

    static OutgoingMessage call(String destination, String path, String interfaceName, String member, byte flags) {
        return new OutgoingMessage(MessageType.METHOD_CALL, flags).field(HeaderField.DESTINATION, destination).field(HeaderField.PATH, path)
                .field(HeaderField.INTERFACE, interfaceName).field(HeaderField.MEMBER, member);
    }

    /** Creates the reply to a call, which is identified by its sender and serial. */
    static OutgoingMessage reply(String destination, long serial) {
        return new OutgoingMessage(MessageType.METHOD_RETURN, BusConnection.NO_REPLY_EXPECTED).field(HeaderField.DESTINATION, destination)
                .field(HeaderField.REPLY_SERIAL, serial);
    }

    /** Creates the error reply to a call; the first value of the body is to be its text. */
    static OutgoingMessage error(String destination, long serial, String name) {
        return new OutgoingMessage(MessageType.ERROR, BusConnection.NO_REPLY_EXPECTED).field(HeaderField.DESTINATION, destination)
                .field(HeaderField.REPLY_SERIAL, serial).field(HeaderField.ERROR_NAME, name);
    }

    /** Creates a broadcast signal. */
    static OutgoingMessage signal(String path, String interfaceName, String member) {
        return new OutgoingMessage(MessageType.SIGNAL, BusConnection.NO_REPLY_EXPECTED).field(HeaderField.PATH, path)
                .field(HeaderField.INTERFACE, interfaceName)
                .field(HeaderField.MEMBER, member);
    }

    /**
     * Sets the values of the body; see {@link Marshaller#put}.
     *
     * @throws IllegalArgumentException if the values do not match the signature
     */
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

    /** Appends a header field: a struct of the field's code and a variant. */
    private OutgoingMessage field(HeaderField field, Object value) {
        fields.align(ALIGNMENT).put("yg" + field.type(), field.code(), field.type(), value);
        return this;
    }

    /** Returns the complete message in the wire format. */
    ByteBuffer bytes(int serial) {
        ByteBuffer header = fields.bytes();
        ByteBuffer content = body.bytes();
        int padding = -header.limit() & (ALIGNMENT - 1);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_HEADER + header.limit() + padding + content.limit()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'l').put(type.code()).put(flags).put(VERSION).putInt(content.limit()).putInt(serial).putInt(header.limit())
                .put(header);
        return bytes.position(bytes.position() + padding).put(content).flip();
    }

    /** Returns the descriptors to be sent with the message. */
    List<Integer> descriptors() {
        return body.descriptors();
    }
}
