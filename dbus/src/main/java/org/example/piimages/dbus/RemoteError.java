package org.example.piimages.dbus;

/** An error reply to a method call. */
public final class RemoteError extends RuntimeException {

    private final String errorName;

    /** Creates an error from its D-Bus name and its text; the text may be empty, never null. */
    public RemoteError(String errorName, String text) {
        super(text);
        this.errorName = errorName;
    }

    /** Returns the D-Bus error name, for example {@code org.freedesktop.DBus.Error.ServiceUnknown}. */
    public String errorName() {
        return errorName;
    }
}
