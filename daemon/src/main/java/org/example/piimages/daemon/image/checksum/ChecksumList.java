package org.example.piimages.daemon.image.checksum;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a checksum file says: lines as sha256sum(1) writes them, plain or with {@code --tag}, those of openssl-dgst(1), of certutil and
 * PowerShell on Windows, and sums alone; in UTF-8, or UTF-16 with a byte order mark; signed or not. A signature is not checked.
 */
final class ChecksumList {

    /** A run of digits that can only be a checksum or a part of one. */
    private static final Pattern DIGITS = Pattern.compile("(?<![0-9a-zA-Z])[0-9a-fA-F]{16,}(?![0-9a-zA-Z])");
    private static final String FUNCTION = "(?<function>(?i:md5|sha(?:2-|-)?(?:1|224|256|384|512)))";
    private static final String SUM = "(?<sum>[0-9a-fA-F]{16,})";
    private static final Pattern PLAIN = Pattern.compile("(?:" + FUNCTION + ":)?" + SUM + "(?:[ \\t]+\\*?(?<name>.+))?");
    private static final Pattern TAGGED = Pattern.compile("(?<function>[A-Za-z][A-Za-z0-9/-]*) ?\\((?<name>.+)\\) ?= ?" + SUM);
    /** "SHA-256: …", and the output of PowerShell's Get-FileHash as a table and as a list. */
    private static final Pattern LABELLED = Pattern.compile("(?:" + FUNCTION + "|(?i:hash|checksum))(?i: ?(?:sum|checksum|hash))?"
            + "(?:[ \\t]*[:=][ \\t]*|[ \\t]+)" + SUM + "(?:[ \\t]+\\*?(?<name>.+))?");
    private static final Pattern NAME_BEFORE = Pattern.compile("(?i:(?:md5|sha\\d+) hash of (?:file )?)(?<name>.+?):?");
    private static final Pattern NAME_BEHIND = Pattern.compile("Path[ \\t]*:[ \\t]*(?<name>.+)");
    private static final Map<String, Charset> BYTE_ORDER_MARKS = Map.of("\u00ef\u00bb\u00bf", StandardCharsets.UTF_8,
            "\u00ff\u00fe", StandardCharsets.UTF_16LE, "\u00fe\u00ff", StandardCharsets.UTF_16BE);

    /**
     * A line in an unknown format.
     *
     * @param number the line number, starting at 1
     * @param hasDigits whether it contains digits that may be a checksum or a part of one
     */
    record Unknown(int number, String text, boolean hasDigits) {

        /** Whether the line contains the name as a separate word. */
        boolean mentions(String name) {
            return Pattern.compile("(?<![\\w.-])" + Pattern.quote(name) + "(?![\\w-]|\\.\\w)").matcher(text).find();
        }
    }

    private final boolean knowsFunction;
    private final List<ChecksumEntry> entries = new ArrayList<>();
    private final List<Unknown> unknown = new ArrayList<>();
    private boolean signature;
    private String nameBefore = "";

    private ChecksumList(boolean knowsFunction) {
        this.knowsFunction = knowsFunction;
    }

    /**
     * Parses the content of a checksum file. If {@code knowsFunction} is false, its checksums use another function than their length
     * suggests.
     */
    static ChecksumList of(byte[] content, boolean knowsFunction) {
        ChecksumList list = new ChecksumList(knowsFunction);
        // sha256sum --zero ends lines with NUL.
        String[] lines = text(content).split("\r\n|[\r\n\0]", -1);
        boolean inSignature = false;
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            inSignature = inSignature || line.equals("-----BEGIN PGP SIGNATURE-----");
            list.signature |= inSignature;
            if (!inSignature) {
                list.read(line.startsWith("- ") ? line.substring(2) : line, i + 1);
            }
            inSignature = inSignature && !line.equals("-----END PGP SIGNATURE-----");
        }
        return list;
    }

    private static String text(byte[] content) {
        String start = new String(content, 0, Math.min(3, content.length), StandardCharsets.ISO_8859_1);
        for (Map.Entry<String, Charset> mark : BYTE_ORDER_MARKS.entrySet()) {
            if (start.startsWith(mark.getKey())) {
                int length = mark.getKey().length();
                return new String(content, length, content.length - length, mark.getValue());
            }
        }
        return new String(content, StandardCharsets.UTF_8);
    }

    private void read(String line, int number) {
        if (line.isEmpty() || line.startsWith("#") || line.startsWith(";") || line.startsWith("-----BEGIN PGP SIGNED MESSAGE")) {
            return;
        }
        boolean escaped = line.startsWith("\\");
        String plain = escaped ? line.substring(1) : line;
        Matcher before = NAME_BEFORE.matcher(plain);
        Matcher behind = NAME_BEHIND.matcher(plain);
        int last = entries.size() - 1;
        if (before.matches()) {
            nameBefore = before.group("name");
        } else if (behind.matches() && last >= 0 && !entries.get(last).hasName()) {
            entries.set(last, entries.get(last).named(behind.group("name")));
        } else {
            Optional<ChecksumEntry> entry = entry(plain, escaped);
            entry.ifPresentOrElse(entries::add, () -> unknown.add(new Unknown(number, line, DIGITS.matcher(line).find())));
            nameBefore = "";
        }
    }

    private Optional<ChecksumEntry> entry(String line, boolean escaped) {
        for (Pattern form : List.of(TAGGED, PLAIN, LABELLED)) {
            Matcher matcher = form.matcher(line);
            if (matcher.matches()) {
                String name = Optional.ofNullable(matcher.group("name")).orElse(nameBefore);
                return entry(Optional.ofNullable(matcher.group("function")), matcher.group("sum"), escaped ? unescaped(name) : name);
            }
        }
        return Optional.empty();
    }

    /** Returns an entry; empty if the number of digits is not that of the function or, without a tag, of any function. */
    private Optional<ChecksumEntry> entry(Optional<String> tag, String sum, String name) {
        Optional<HashFunction> function = tag.isPresent() ? HashFunction.ofTag(tag.get()) : HashFunction.ofDigits(sum.length());
        boolean isKnown = tag.isPresent() || knowsFunction;
        if (isKnown && function.map(found -> found.digits() != sum.length()).orElse(tag.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new ChecksumEntry(isKnown ? function : Optional.empty(), sum.toLowerCase(Locale.ROOT), name));
    }

    /** Reverts the escaping with which sha256sum writes names that contain line breaks or backslashes. */
    private static String unescaped(String name) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\\' && i + 1 < name.length()) {
                i++;
                c = switch (name.charAt(i)) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    default -> name.charAt(i);
                };
            }
            plain.append(c);
        }
        return plain.toString();
    }

    List<ChecksumEntry> entries() {
        return entries;
    }

    /** The lines in an unknown format, without comments. */
    List<Unknown> unknown() {
        return unknown;
    }

    /** Whether it contains only a signature of another file. */
    boolean isSignatureOnly() {
        return signature && entries.isEmpty() && unknown.isEmpty();
    }
}
