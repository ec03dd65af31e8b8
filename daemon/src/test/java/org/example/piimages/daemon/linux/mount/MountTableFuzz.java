package org.example.piimages.daemon.linux.mount;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Lines of /proc/self/mountinfo: the kernel's, with names that any user may have given. */
public final class MountTableFuzz {

    private MountTableFuzz() {
    }

    /** Reads bytes as the name of a mount point, escaped as the kernel does; seq_path() in fs/seq_file.c. */
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
