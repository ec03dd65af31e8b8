package org.example.piimages.dbus;

/** A peer answered a method call with an error. */
public final class RemoteError extends RuntimeException {

    private final String errorName;

    /** The error's D-Bus name and its text; the text may be empty, never null. */
    public RemoteError(String errorName, String text) {
        super(text);
        this.errorName = errorName;
    }

    /** The D-Bus error name, for example {@code org.freedesktop.DBus.Error.ServiceUnknown}. */
    public String errorName() {
        return errorName;
    }
}
