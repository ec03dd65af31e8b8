package org.example.piimages.dbus;

import java.util.Optional;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.Message;

/** Decodes a message's body. */
public final class Body {

    private Body() {
    }

    /**
     * The message's values, an empty array for an empty body. Empty when the library cannot decode it, whatever it throws: a body that
     * names the 7th descriptor of none, or nests deeper than it can go, passes the bus and comes from any user. Empty also when
     * {@link FrameReader} left the body out.
     */
    public static Optional<Object[]> of(Message message) {
        try {
            Object[] values = message.getParameters();
            boolean missing = values == null || values.length == 0;
            if (missing && message.getSig() != null && !message.getSig().isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(missing ? new Object[0] : values);
        } catch (DBusException | RuntimeException | StackOverflowError e) {
            return Optional.empty();
        }
    }
}
