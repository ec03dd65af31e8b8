package org.example.piimages.dbus;

import java.nio.ByteOrder;
import java.util.Map;
import org.freedesktop.dbus.types.Variant;

/** Options as they come out of a message. */
public final class UndecodedOptions {

    private static final int BUDGET = 16 << 10;

    private UndecodedOptions() {
    }

    /** The options of a call whose last argument they are. */
    public static Object of(Map<String, ? extends Variant<?>> options) {
        Marshaller bytes = new Marshaller().put("a{sv}", options);
        return new Unmarshaller(bytes.bytes().order(ByteOrder.LITTLE_ENDIAN), bytes.descriptors(), true, BUDGET).values("a{sv}")[0];
    }
}
