package org.example.piimages.dbus;

import java.util.Arrays;
import java.util.Optional;

/** The types of messages; "Message Format" of the D-Bus specification. */
public enum MessageType {
    METHOD_CALL(1), METHOD_RETURN(2), ERROR(3), SIGNAL(4);

    private final byte code;

    MessageType(int code) {
        this.code = (byte) code;
    }

    /** Returns the type's code in a message. */
    byte code() {
        return code;
    }

    /** Returns the type with this code; empty for a code that the specification does not define. */
    static Optional<MessageType> of(byte code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
}
