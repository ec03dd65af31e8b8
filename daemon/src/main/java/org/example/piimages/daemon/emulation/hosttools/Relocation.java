package org.example.piimages.daemon.emulation.hosttools;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Replaces paths and names in the host's programs by others of the same length, so that nothing in an ELF file moves. A machine does not
 * have the host's loader and libraries at their usual paths, and nothing is created in an image; so copies look for them in {@link
 * #DIRECTORY}, on the machine's own /run.
 */
final class Relocation {

    /** The directory of the copies in a machine. */
    static final String DIRECTORY = "/run/piimages/tools";
    /** The name of the loader there; the whole path has the length of the usual one. */
    static final String LOADER = "ld.so";
    /** The directory of libraries there. */
    static final String LIBRARIES = "lib64";
    /** Another name of that directory, short enough to replace /lib/x86_64-linux-gnu in the host's programs. */
    static final String LIBRARIES_LINK = "l";

    /** The host's loader as named by programs; elf(5), PT_INTERP. */
    static final String HOST_LOADER = "/lib64/ld-linux-x86-64.so.2";
    /** The host's directory of libraries. */
    static final String HOST_LIBRARIES = "/usr/lib/x86_64-linux-gnu";

    private record Replacement(byte[] from, byte[] to) {
    }

    /** A longer path must come before one that is a part of it. */
    private static final List<Replacement> PATHS = List.of(
            replacement(HOST_LOADER, DIRECTORY + "/" + LOADER),
            replacement(HOST_LIBRARIES, DIRECTORY + "/" + LIBRARIES),
            replacement("/lib/x86_64-linux-gnu", DIRECTORY + "/" + LIBRARIES_LINK));

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

    /** Returns a copy of a program or library that uses {@link #DIRECTORY}. */
    static byte[] paths(byte[] program) {
        byte[] copy = program.clone();
        PATHS.forEach(path -> replace(copy, path));
        return copy;
    }

    /**
     * Returns a copy of the loader that preloads nothing, because the libraries named in the preload file are for the image's CPU. It
     * sets the process name to the one that the kernel set when the image's program was executed; src/main/assembly/process-name.s.
     *
     * @return empty if it has no room for the code
     */
    static Optional<byte[]> loader(byte[] program) {
        byte[] copy = paths(program);
        replace(copy, PRELOAD);
        return EntryCode.load("process-name").insertInto(copy);
    }

    /**
     * Returns a copy of one of dpkg's programs for which another architecture is the native one. Each contains the name once as a string
     * of its own, between two NULs, and once in brackets after the version; both names have five letters.
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
