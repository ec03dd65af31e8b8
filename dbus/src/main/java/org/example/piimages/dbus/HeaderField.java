package org.example.piimages.dbus;

import java.util.Arrays;
import java.util.Optional;

/** The header fields of a message and their types; "Header Fields" of the D-Bus specification. */
enum HeaderField {
    PATH(1, "o"), INTERFACE(2, "s"), MEMBER(3, "s"), ERROR_NAME(4, "s"), REPLY_SERIAL(5, "u"), DESTINATION(6, "s"), SENDER(7, "s"),
    SIGNATURE(8, "g"), UNIX_FDS(9, "u");

    private final byte code;
    private final String type;

    HeaderField(int code, String type) {
        this.code = (byte) code;
        this.type = type;
    }

    /** Returns the field's code in a message. */
    byte code() {
        return code;
    }

    /** Returns the type of the field's value. */
    String type() {
        return type;
    }

    /** Returns the field with this code; empty for an unknown code, which is to be ignored. */
    static Optional<HeaderField> of(byte code) {
        return Arrays.stream(values()).filter(field -> field.code == code).findFirst();
    }
}
