package org.example.piimages.dbus;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.types.UInt32;

/**
 * A message as it came: its header, and its body as bytes that nobody has looked at. Whoever answers it decodes it, in a thread of theirs.
 */
public final class IncomingMessage {

    /** A command line of 4096 words with as many variables, and a little. */
    private static final int VALUES_OF_A_STRANGER = 16 << 10;
    /** Of a service that was asked; more than the longest message has room for in text. */
    private static final int VALUES_OF_AN_ANSWER = 1 << 20;
    private static final int FIELD_VALUES = 1 << 10;

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
     * A message of these bytes.
     *
     * @param fixed the header's first twelve bytes, in the message's byte order
     * @param header the fields' bytes, without padding
     * @param body its bytes; null where it is longer than is kept
     * @throws IllegalArgumentException when the header is none
     */
    static IncomingMessage of(ByteBuffer fixed, ByteBuffer header, ByteBuffer body, List<Integer> descriptors) {
        MessageType type = MessageType.of(fixed.get(1)).orElseThrow(() -> new IllegalArgumentException("a message of an unknown type"));
        Map<HeaderField, Object> fields = new EnumMap<>(HeaderField.class);
        Unmarshaller values = new Unmarshaller(header, List.of(), true, FIELD_VALUES);
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

    /** What is left of a message whose header is longer than is kept. Throws IllegalArgumentException for an unknown type. */
    static IncomingMessage cut(ByteBuffer fixed, String sender) {
        MessageType type = MessageType.of(fixed.get(1)).orElseThrow(() -> new IllegalArgumentException("a message of an unknown type"));
        return new IncomingMessage(fixed, type, Map.of(HeaderField.SENDER, sender), null, List.of(), 0);
    }

    /** What it is. */
    public MessageType type() {
        return type;
    }

    /** Flags as in {@link BusConnection}. */
    public byte flags() {
        return flags;
    }

    /** By which an answer names it. */
    public long serial() {
        return serial;
    }

    /** The serial of the call that this answers; 0 when it answers none. */
    long replySerial() {
        return fields.get(HeaderField.REPLY_SERIAL) instanceof UInt32 number ? number.longValue() : 0;
    }

    /** The object that is called, or that sent a signal; null where the message names none. */
    public String path() {
        return (String) fields.get(HeaderField.PATH);
    }

    /** Null where the message names none. */
    public String interfaceName() {
        return (String) fields.get(HeaderField.INTERFACE);
    }

    /** The method's or the signal's name; null where the message names none. */
    public String member() {
        return (String) fields.get(HeaderField.MEMBER);
    }

    /** The error's name; null in what is none. */
    String errorName() {
        return (String) fields.get(HeaderField.ERROR_NAME);
    }

    /** The unique name of who sent it, which the bus vouches for; null from the bus itself before it has given us a name. */
    public String sender() {
        return (String) fields.get(HeaderField.SENDER);
    }

    /** The unique or well-known name it was sent to; null in a signal for everybody. */
    String destination() {
        return (String) fields.get(HeaderField.DESTINATION);
    }

    /** The types of what its body holds, empty for none. */
    public String signature() {
        return fields.get(HeaderField.SIGNATURE) instanceof String signature ? signature : "";
    }

    /** The descriptors that came with it; whoever handles the message closes them. */
    public List<Integer> descriptors() {
        return descriptors;
    }

    /** How many bytes of it are kept. */
    public long size() {
        return size;
    }

    /** Whether its header was kept; of one that was not, only sender and serial are known. */
    boolean isWhole() {
        return path() != null || type != MessageType.METHOD_CALL;
    }

    /**
     * What a service that we asked, or listen to, says.
     *
     * @throws IllegalArgumentException when the body is not what its signature says, or longer than is kept
     */
    public Object[] values() {
        return decoded(false, VALUES_OF_AN_ANSWER);
    }

    /**
     * What a stranger says: values of the types that the signature names, within narrow limits, variants as {@link SealedValue}. To be
     * called when the signature is known to be the one that is expected. Throws as {@link #values}.
     */
    public Object[] arguments() {
        return decoded(true, VALUES_OF_A_STRANGER);
    }

    private Object[] decoded(boolean sealing, int budget) {
        if (body == null) {
            throw new IllegalArgumentException("they are longer than " + FrameReader.BODY_LIMIT + " bytes");
        }
        return new Unmarshaller(body, descriptors, sealing, budget).values(signature());
    }
}
