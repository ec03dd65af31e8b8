package org.example.piimages.daemon.emulation.hosttools;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Paths and names within the host's programs, replaced by others of the same length: nothing in an ELF file moves. In a machine there is
 * no place for the host's loader and libraries where they usually are, and none is made in an image; so copies look for them in
 * {@link #PLACE}, on the machine's own /run.
 */
final class Relocation {

    /** Where a machine sees the copies. */
    static final String PLACE = "/run/piimages/tools";
    /** The loader's name there; the whole path takes the room of the usual one. */
    static final String LOADER = "ld.so";
    /** The folder there for libraries. */
    static final String LIBRARIES = "lib64";
    /** The same folder by a name so short that it fits where the host's programs say /lib/x86_64-linux-gnu. */
    static final String LIBRARIES_LINK = "l";

    /** The host's loader, as programs name it; elf(5), PT_INTERP. */
    static final String HOST_LOADER = "/lib64/ld-linux-x86-64.so.2";
    /** The host's folder for libraries. */
    static final String HOST_LIBRARIES = "/usr/lib/x86_64-linux-gnu";

    private record Replacement(byte[] from, byte[] to) {
    }

    /** The longer one before the one that is a part of it. */
    private static final List<Replacement> PATHS = List.of(
            replacement(HOST_LOADER, PLACE + "/" + LOADER),
            replacement(HOST_LIBRARIES, PLACE + "/" + LIBRARIES),
            replacement("/lib/x86_64-linux-gnu", PLACE + "/" + LIBRARIES_LINK));

    private static final Replacement PRELOAD = replacement("/etc/ld.so.preload\0", "\0");

    private Relocation() {
    }

    private static Replacement replacement(String from, String to) {
        byte[] old = from.getBytes(StandardCharsets.US_ASCII);
        byte[] text = to.getBytes(StandardCharsets.US_ASCII);
        if (text.length > old.length) {
            throw new IllegalArgumentException(to + " is longer than " + from);
        }
        return new Replacement(old, Arrays.copyOf(text, old.length));
    }

    /** A copy of a program or library that looks in {@link #PLACE}. */
    static byte[] paths(byte[] program) {
        byte[] copy = program.clone();
        PATHS.forEach(path -> replace(copy, path));
        return copy;
    }

    /**
     * A copy of the loader, which preloads nothing: what the file names is for the image's CPU. It names the process as the kernel named it
     * when the image's program was executed; src/main/assembly/process-name.s.
     *
     * @return empty when there is no room for that in it
     */
    static Optional<byte[]> loader(byte[] program) {
        byte[] copy = paths(program);
        replace(copy, PRELOAD);
        return EntryCode.named("process-name").before(copy);
    }

    /**
     * A copy of one of dpkg's programs that takes another architecture for its own. Each has that name once as a text of its own,
     * between two zeros, and in brackets behind its version; both names have five letters.
     */
    static byte[] architecture(byte[] program, String from, String to) {
        byte[] copy = program.clone();
        replace(copy, replacement("\0" + from + "\0", "\0" + to + "\0"));
        replace(copy, replacement(" (" + from + ")\0", " (" + to + ")\0"));
        return copy;
    }

    private static void replace(byte[] content, Replacement replacement) {
        byte[] from = replacement.from();
        for (int at = 0; at <= content.length - from.length; at++) {
            if (content[at] == from[0] && Arrays.equals(content, at, at + from.length, from, 0, from.length)) {
                System.arraycopy(replacement.to(), 0, content, at, from.length);
                at += from.length - 1;
            }
        }
    }
}
