package org.example.piimages.dbus;

/** The types of values, each of one or more characters; "Type System" of the D-Bus specification. */
final class Signature {

    /** The maximum depth: 32 nested arrays and 32 nested structs; "Valid Signatures". */
    static final int MAX_DEPTH = 64;

    private Signature() {
    }

    /**
     * Returns the index after the complete type that begins at {@code start}.
     *
     * @param depth the number of types around it
     * @throws IllegalArgumentException or IndexOutOfBoundsException if no valid type begins there, or it is nested too deeply
     */
    static int end(String signature, int start, int depth) {
        require(depth <= MAX_DEPTH);
        char type = signature.charAt(start);
        if (type == 'a') {
            return end(signature, start + 1, depth + 1);
        }
        if (type != '(' && type != '{') {
            alignment(type);
            return start + 1;
        }
        int at = end(signature, start + 1, depth + 1);
        while (!isClosing(signature.charAt(at))) {
            at = end(signature, at, depth + 1);
        }
        require(signature.charAt(at) == (type == '(' ? ')' : '}'));
        return at + 1;
    }

    /** Returns whether this character closes a struct or a dict entry. */
    static boolean isClosing(char character) {
        return character == ')' || character == '}';
    }

    /** Returns the alignment of a type in bytes; for the types of fixed size except structs and dict entries, also their size. */
    static int alignment(char type) {
        return switch (type) {
            case 'y', 'g', 'v' -> 1;
            case 'n', 'q' -> 2;
            case 'b', 'i', 'u', 'h', 's', 'o', 'a' -> 4;
            case 'x', 't', 'd', '(', '{' -> 8;
            default -> throw new IllegalArgumentException("there is no type " + type);
        };
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException("no signature");
        }
    }
}
