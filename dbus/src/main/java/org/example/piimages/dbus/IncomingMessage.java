package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.types.UInt32;

/** A received message: its decoded header, and its body as undecoded bytes. The handler decodes the body, in its own thread. */
public final class IncomingMessage {

    /** The limit for calls and their arguments: a command line of 4096 words with as many variables, and a margin. */
    private static final int MAX_CALL_VALUES = 16 << 10;
    /** The limit for a reply of a service or one of its signals; more values than the longest message can hold as strings. */
    private static final int MAX_REPLY_VALUES = 1 << 20;
    private static final int MAX_HEADER_VALUES = 1 << 10;

    private final MessageType type;
    private final byte flags;
    private final long serial;
    private final Map<HeaderField, Object> fields;
    private final ByteBuffer body;
    private final List<Integer> descriptors;
    private final long size;

    private IncomingMessage(ByteBuffer fixed, MessageType type, Map<HeaderField, Object> fields, ByteBuffer body, List<Integer> descriptors,
            long size) {
        this.type = type;
        this.flags = fixed.get(2);
        this.serial = Integer.toUnsignedLong(fixed.getInt(8));
        this.fields = fields;
        this.body = body;
        this.descriptors = List.copyOf(descriptors);
        this.size = size;
    }

    /**
     * Creates a message from its bytes.
     *
     * @param fixed the header's first twelve bytes, in the message's byte order
     * @param header the bytes of the header fields, without padding
     * @param body the bytes of the body; null if it exceeds the limit
     * @throws IllegalArgumentException if the header is malformed
     */
    static IncomingMessage of(ByteBuffer fixed, ByteBuffer header, ByteBuffer body, List<Integer> descriptors) {
        MessageType type = MessageType.of(fixed.get(1)).orElseThrow(() -> new IllegalArgumentException("a message of an unknown type"));
        Map<HeaderField, Object> fields = new EnumMap<>(HeaderField.class);
        Unmarshaller values = new Unmarshaller(header, List.of(), true, MAX_HEADER_VALUES);
        while (values.hasRemaining()) {
            values.align(Signature.alignment('('));
            HeaderField field = HeaderField.of((Byte) values.value("y")).orElse(null);
            String signature = (String) values.value("g");
            if (field == null) {
                values.skip(signature);
            } else if (signature.equals(field.type())) {
                fields.put(field, values.value(signature));
            } else {
                throw new IllegalArgumentException("header field " + field + " of type " + signature);
            }
        }
        return new IncomingMessage(fixed, type, fields, body, descriptors, header.remaining() + (body == null ? 0L : body.remaining()));
    }

    /**
     * Creates a message whose header exceeds the limit, with its sender only.
     *
     * @throws IllegalArgumentException for an unknown type
     */
    static IncomingMessage truncated(ByteBuffer fixed, String sender) {
        MessageType type = MessageType.of(fixed.get(1)).orElseThrow(() -> new IllegalArgumentException("a message of an unknown type"));
        return new IncomingMessage(fixed, type, Map.of(HeaderField.SENDER, sender), null, List.of(), 0);
    }

    public MessageType type() {
        return type;
    }

    /** Returns the message flags; see the constants of {@link BusConnection}. */
    public byte flags() {
        return flags;
    }

    /** Returns the serial by which a reply refers to this message. */
    public long serial() {
        return serial;
    }

    /** Returns the serial of the call that this message replies to; 0 if it is not a reply. */
    long replySerial() {
        return fields.get(HeaderField.REPLY_SERIAL) instanceof UInt32 number ? number.longValue() : 0;
    }

    /** Returns the object that is called, or that sent the signal; null if the message names none. */
    public String path() {
        return (String) fields.get(HeaderField.PATH);
    }

    /** Returns the interface; null if the message names none. */
    public String interfaceName() {
        return (String) fields.get(HeaderField.INTERFACE);
    }

    /** Returns the name of the method or the signal; null if the message names none. */
    public String member() {
        return (String) fields.get(HeaderField.MEMBER);
    }

    /** Returns the name of the error; null if the message is not an error. */
    String errorName() {
        return (String) fields.get(HeaderField.ERROR_NAME);
    }

    /**
     * Returns the sender's unique name, which the bus guarantees; null in a message from the bus before it has assigned a name to this
     * connection.
     */
    public String sender() {
        return (String) fields.get(HeaderField.SENDER);
    }

    /** Returns the unique or well-known name of the recipient; null in a broadcast signal. */
    String destination() {
        return (String) fields.get(HeaderField.DESTINATION);
    }

    /** Returns the types of the values in the body, empty for none. */
    public String signature() {
        return fields.get(HeaderField.SIGNATURE) instanceof String signature ? signature : "";
    }

    /** Returns the descriptors received with the message; the handler of the message closes them. */
    public List<Integer> descriptors() {
        return descriptors;
    }

    /** Returns the number of bytes of the message that are kept. */
    public long size() {
        return size;
    }

    /** Returns whether the header was kept; if not, only sender and serial are known. */
    boolean isComplete() {
        return path() != null || type != MessageType.METHOD_CALL;
    }

    /**
     * Decodes the values of a reply, or of a signal that was subscribed to.
     *
     * @throws IllegalArgumentException if the body does not match its signature, or exceeds the limit
     */
    public Object[] values() {
        return decode(false, MAX_REPLY_VALUES);
    }

    /**
     * Decodes the arguments of a call from an untrusted peer, within strict limits; variants are returned as {@link UndecodedVariant}. To
     * be called only after the signature has been compared with the expected one.
     *
     * @throws IllegalArgumentException as {@link #values}
     */
    public Object[] arguments() {
        return decode(true, MAX_CALL_VALUES);
    }

    private Object[] decode(boolean lazyVariants, int budget) {
        if (body == null) {
            throw new IllegalArgumentException("they are longer than " + FrameReader.BODY_LIMIT + " bytes");
        }
        return new Unmarshaller(body, descriptors, lazyVariants, budget).values(signature());
    }
}
