package org.example.piimages.daemon.system;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.example.piimages.contract.Names;

/** A message put together by hand, in which everything can be wrong; "Message Protocol" of the D-Bus specification. */
final class RawMessage {

    static final int PATH = 1;
    static final int INTERFACE = 2;
    static final int MEMBER = 3;
    static final int ERROR_NAME = 4;
    static final int REPLY_SERIAL = 5;
    static final int DESTINATION = 6;
    static final int SIGNATURE = 8;
    static final int UNIX_FDS = 9;

    static final int CALL = 1;
    static final int RETURN = 2;
    static final int ERROR = 3;
    static final int SIGNAL = 4;

    static final int SERIAL = 77;

    private record Field(int code, String type, Consumer<Wire> value) {
    }

    private final List<Field> fields = new ArrayList<>();
    private int endian = 'l';
    private int type = CALL;
    private int flags;
    private int version = 1;
    private long serial = SERIAL;
    private long lengthError;
    private Wire body = new Wire();
    private int descriptors;

    private RawMessage() {
    }

    /** A call to an object of the daemon. */
    static RawMessage call(String path, String interfaceName, String member) {
        return new RawMessage().text(PATH, "o", path).text(INTERFACE, "s", interfaceName).text(MEMBER, "s", member)
                .text(DESTINATION, "s", Names.SERVICE);
    }

    /** A call to the manager. */
    static RawMessage manager(String member) {
        return call(Names.MANAGER_PATH, Names.MANAGER, member);
    }

    static RawMessage ping() {
        return call(Names.MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping");
    }

    /** A signal to the daemon alone. */
    static RawMessage signal(String path, String interfaceName, String member) {
        return call(path, interfaceName, member).type(SIGNAL);
    }

    RawMessage text(int code, String fieldType, String value) {
        return field(code, fieldType, wire -> {
            if (fieldType.equals("g")) {
                wire.signature(value);
            } else {
                wire.string(value);
            }
        });
    }

    RawMessage number(int code, long value) {
        return field(code, "u", wire -> wire.u32(value));
    }

    RawMessage field(int code, String fieldType, Consumer<Wire> value) {
        fields.add(new Field(code, fieldType, value));
        return this;
    }

    RawMessage without(int code) {
        fields.removeIf(field -> field.code() == code);
        return this;
    }

    RawMessage endian(int mark) {
        endian = mark;
        if (mark == 'B') {
            body = new Wire(ByteOrder.BIG_ENDIAN);
        }
        return this;
    }

    RawMessage type(int number) {
        type = number;
        return this;
    }

    RawMessage flags(int bits) {
        flags = bits;
        return this;
    }

    RawMessage version(int number) {
        version = number;
        return this;
    }

    RawMessage serial(long number) {
        serial = number;
        return this;
    }

    /** The header says so many bytes more than the body has. */
    RawMessage falsifyBodyLength(long more) {
        lengthError = more;
        return this;
    }

    RawMessage body(String signature, Consumer<Wire> values) {
        text(SIGNATURE, "g", signature);
        values.accept(body);
        return this;
    }

    /** Descriptors that travel along; the header says how many unless {@link #number} says otherwise. */
    RawMessage descriptors(int count) {
        descriptors = count;
        return this;
    }

    int descriptors() {
        return descriptors;
    }

    byte[] bytes() {
        ByteOrder order = endian == 'B' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        if (descriptors > 0 && fields.stream().noneMatch(field -> field.code() == UNIX_FDS)) {
            number(UNIX_FDS, descriptors);
        }
        Wire array = new Wire(order);
        for (Field field : fields) {
            array.align(8).u8(field.code()).signature(field.type());
            field.value().accept(array);
        }
        return new Wire(order).u8(endian).u8(type).u8(flags).u8(version).u32(body.size() + lengthError).u32(serial).u32(array.size())
                .raw(array.bytes()).align(8).raw(body.bytes()).bytes();
    }
}
