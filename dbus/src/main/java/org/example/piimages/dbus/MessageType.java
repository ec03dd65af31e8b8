package org.example.piimages.dbus;

import java.util.Arrays;
import java.util.Optional;

/** What a message is; "Message Format" of the D-Bus specification. */
public enum MessageType {
    METHOD_CALL(1), METHOD_RETURN(2), ERROR(3), SIGNAL(4);

    private final byte code;

    MessageType(int code) {
        this.code = (byte) code;
    }

    /** The number that stands for it in a message. */
    byte code() {
        return code;
    }

    /** Empty for a number that this specification does not give a meaning. */
    static Optional<MessageType> of(byte code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
}
