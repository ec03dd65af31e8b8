package org.example.piimages.contract;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/**
 * Writes JSON; RFC 8259. Maps become objects, in iteration order; collections become arrays; numbers, booleans and null are written as
 * they are; everything else becomes a string.
 */
public final class Json {

    private static final int INDENT = 2;

    private final boolean pretty;
    private final StringBuilder out = new StringBuilder();

    private Json(boolean pretty) {
        this.pretty = pretty;
    }

    /** Returns a value as JSON text: on one line, or indented if {@code pretty} is true. */
    public static String text(Object value, boolean pretty) {
        Json json = new Json(pretty);
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else if (value instanceof Collection<?> collection) {
            array(collection, depth);
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            string(value.toString());
        }
    }

    private void object(Map<?, ?> map, int depth) {
        out.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            line(depth + 1);
            string(entry.getKey().toString());
            out.append(pretty ? ": " : ":");
            write(entry.getValue(), depth + 1);
            out.append(entries.hasNext() ? "," : "");
        }
        close(map.isEmpty(), depth, '}');
    }

    private void array(Collection<?> collection, int depth) {
        out.append('[');
        Iterator<?> elements = collection.iterator();
        while (elements.hasNext()) {
            Object element = elements.next();
            line(depth + 1);
            write(element, depth + 1);
            out.append(elements.hasNext() ? "," : "");
        }
        close(collection.isEmpty(), depth, ']');
    }

    private void close(boolean empty, int depth, char bracket) {
        if (!empty) {
            line(depth);
        }
        out.append(bracket);
    }

    private void line(int depth) {
        if (pretty) {
            out.append('\n').append(" ".repeat(depth * INDENT));
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> character(c);
            }
        }
        out.append('"');
    }

    /**
     * Writes a character of a string. Control characters below U+0020 are escaped as JSON requires, DEL and the C1 controls because
     * terminals interpret them. Lone surrogates, which UTF-8 cannot encode, are not handled here.
     */
    private void character(char c) {
        if (c < ' ' || c >= 0x7f && c < 0xa0) {
            out.append("\\u").append("0".repeat(c < 0x10 ? 3 : 2)).append(Integer.toHexString(c));
        } else {
            out.append(c);
        }
    }
}
