package org.example.piimages.dbus;

/** The types of values, one character or more for each; "Type System" of the D-Bus specification. */
final class Signature {

    /** 32 arrays and 32 structs within each other; "Valid Signatures". */
    static final int DEEPEST = 64;

    private Signature() {
    }

    /**
     * Where the complete type that begins at a place in a signature ends.
     *
     * @param depth in how many others it is
     * @throws IllegalArgumentException or IndexOutOfBoundsException where none begins, and for one that is too deep
     */
    static int end(String signature, int start, int depth) {
        require(depth <= DEEPEST);
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

    /** Whether a struct or a dictionary's entry ends here. */
    static boolean isClosing(char character) {
        return character == ')' || character == '}';
    }

    /** To a multiple of how many bytes a type is aligned; of those with a fixed size, that is their size. */
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
