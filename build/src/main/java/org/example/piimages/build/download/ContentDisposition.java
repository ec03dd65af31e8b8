package org.example.piimages.build.download;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses the header Content-Disposition, in which a server specifies the name of a file (RFC 6266). The name is untrusted: it is accepted
 * only if it is the name of a file without a directory, and nothing is accepted from a malformed header.
 */
final class ContentDisposition {

    private static final int MAX_HEADER_LENGTH = 4096;
    /** The largest permitted name in bytes: less than the 255 bytes of NAME_MAX, because the files beside a download have longer names. */
    static final int MAX_NAME_LENGTH = 200;
    private static final int HEXADECIMAL = 16;
    private static final Pattern PARAMETER = Pattern.compile("\\s*([!#$&+.^_`|~0-9A-Za-z-]+\\*?)\\s*=\\s*(.*?)\\s*", Pattern.DOTALL);
    private static final Pattern EXTENDED = Pattern.compile("(?i)(utf-8|iso-8859-1)'[a-z0-9-]*'([^'\"\\s]+)");

    private ContentDisposition() {
    }

    /** Returns the name in the value of a header; empty if there is none that is accepted. */
    static Optional<String> fileName(String header) {
        List<String> parts = header.length() > MAX_HEADER_LENGTH ? List.of() : parts(header);
        if (parts.isEmpty() || parts.get(0).strip().equalsIgnoreCase("inline")) {
            return Optional.empty();
        }
        String plain = null;
        String extended = null;
        for (String part : parts.subList(1, parts.size())) {
            Matcher parameter = PARAMETER.matcher(part);
            String name = parameter.matches() ? parameter.group(1).toLowerCase(Locale.ROOT) : "";
            boolean isPlain = name.equals("filename");
            if (isPlain && plain != null || name.equals("filename*") && extended != null) {
                // Duplicate parameters are ambiguous.
                return Optional.empty();
            }
            plain = isPlain ? unquoted(parameter.group(2)) : plain;
            extended = name.equals("filename*") ? decoded(parameter.group(2)) : extended;
        }
        String name = extended == null || extended.isEmpty() ? plain : extended;
        return Optional.ofNullable(name).map(ContentDisposition::last).filter(ContentDisposition::isFileName);
    }

    /** Splits a header at the semicolons outside of quoted strings; returns an empty list if a quoted string is not terminated. */
    private static List<String> parts(String header) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean isQuoted = false;
        for (int i = 0; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c == ';' && !isQuoted) {
                parts.add(part.toString());
                part.setLength(0);
                continue;
            }
            isQuoted ^= c == '"';
            part.append(c);
            if (isQuoted && c == '\\' && i + 1 < header.length()) {
                i++;
                part.append(header.charAt(i));
            }
        }
        parts.add(part.toString());
        return isQuoted ? List.of() : parts;
    }

    private static String unquoted(String value) {
        boolean isQuoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return isQuoted ? value.substring(1, value.length() - 1).replaceAll("(?s)\\\\(.)", "$1") : value;
    }

    /** Decodes an extended value of RFC 8187; returns an empty text if it is malformed. */
    private static String decoded(String value) {
        Matcher extended = EXTENDED.matcher(value);
        if (!extended.matches()) {
            return "";
        }
        Charset charset = extended.group(1).equalsIgnoreCase("utf-8") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String text = extended.group(2);
        byte[] bytes = new byte[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            boolean isEncoded = text.charAt(i) == '%';
            if (isEncoded && !text.substring(i).matches("(?is)%[0-9a-f]{2}.*")) {
                return "";
            }
            bytes[count++] = (byte) (isEncoded ? Integer.parseInt(text.substring(i + 1, i + 3), HEXADECIMAL) : text.charAt(i));
            i += isEncoded ? 2 : 0;
        }
        return new String(bytes, 0, count, charset);
    }

    /** Removes the directories of the sender, whose system may use backslashes as separators. */
    private static String last(String name) {
        return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).strip();
    }

    /** Returns whether a name is valid for a visible file in a directory, and has only printable characters. */
    static boolean isFileName(String name) {
        return !name.isEmpty() && !name.startsWith(".") && name.indexOf('/') < 0 && name.indexOf('\\') < 0
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_LENGTH
                && name.codePoints().allMatch(ContentDisposition::isPrintable);
    }

    /** Returns whether a character is printable: assigned, and neither a control nor a format character, which may reverse the text. */
    private static boolean isPrintable(int character) {
        int type = Character.getType(character);
        return !Character.isISOControl(character) && type != Character.FORMAT && type != Character.SURROGATE
                && type != Character.UNASSIGNED && type != Character.PRIVATE_USE && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR && character != '\ufffd';
    }
}
