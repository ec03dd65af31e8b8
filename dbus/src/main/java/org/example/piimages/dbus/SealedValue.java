package org.example.piimages.dbus;

/**
 * A variant of a message that nobody has looked into. What a stranger put there costs nothing until somebody wants a value of the very type
 * it has.
 */
public final class SealedValue {

    private final String signature;
    private final Unmarshaller content;

    /** The content is at the value; no other value is read from it. */
    SealedValue(String signature, Unmarshaller content) {
        this.signature = signature;
        this.content = content;
    }

    /** The type that its sender says it has. */
    public String signature() {
        return signature;
    }

    /**
     * The value, in the Java types of {@link Unmarshaller}.
     *
     * @throws IllegalArgumentException when it is not what its signature says, or more than a message may make of its bytes
     */
    public Object open() {
        return content.again().value(signature);
    }
}
