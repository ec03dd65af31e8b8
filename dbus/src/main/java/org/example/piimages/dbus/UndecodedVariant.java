package org.example.piimages.dbus;

/**
 * A variant of a message that has not been decoded. The content that an untrusted peer put there costs nothing until a value of exactly
 * that type is wanted.
 */
public final class UndecodedVariant {

    private final String signature;
    private final Unmarshaller content;

    /** Takes an unmarshaller positioned at the value and used for nothing else. */
    UndecodedVariant(String signature, Unmarshaller content) {
        this.signature = signature;
        this.content = content;
    }

    /** Returns the type as given by the sender. */
    public String signature() {
        return signature;
    }

    /**
     * Decodes the value, into the Java types of {@link Unmarshaller}.
     *
     * @throws IllegalArgumentException if it does not match its signature, or if the message's budget of values is exceeded
     */
    public Object decode() {
        return content.duplicate().value(signature);
    }
}
