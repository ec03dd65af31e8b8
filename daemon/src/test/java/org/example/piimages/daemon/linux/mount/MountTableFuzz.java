package org.example.piimages.daemon.linux.mount;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Parses lines of /proc/self/mountinfo as the kernel writes them, with names that any user may have chosen. */
public final class MountTableFuzz {

    private MountTableFuzz() {
    }

    /** Takes the bytes as the name of a mount point, escaped as by the kernel; seq_path() in fs/seq_file.c. */
    public static void fuzzerTestOneInput(byte[] data) {
        StringBuilder name = new StringBuilder("/");
        for (byte one : data) {
            int value = one & 0xff;
            if (value == 0) {
                return;
            }
            name.append(value == ' ' || value == '\t' || value == '\n' || value == '\\' ? String.format("\\%03o", value)
                    : String.valueOf((char) value));
        }
        MountTable.Entry entry = MountTable.parse("7 1 0:5 / " + name + " rw - ext4 /dev/loop1 rw");
        String expected = "/" + new String(data, StandardCharsets.UTF_8);
        if (!entry.target().equals(Path.of(expected)) || entry.id() != 7) {
            throw new IllegalStateException(entry + " is not " + expected);
        }
    }
}
