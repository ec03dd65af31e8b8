package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.libc.Fd;

/**
 * The sources from which an image's programs look up users and groups; nsswitch.conf(5). The modules are libraries for the image's CPU,
 * which the host's tools cannot load: if a module knows names that /etc/passwd and /etc/group lack, a tool such as chown would not find
 * them.
 */
final class NameServices {

    private static final String FILE = "/etc/nsswitch.conf";
    private static final int FILE_LIMIT = 64 * 1024;
    private static final List<String> DATABASES = List.of("passwd", "group", "shadow", "gshadow", "initgroups");
    /** Modules that know only what the files contain and, without a running systemd, the users of records in {@link #RECORDS}. */
    private static final Set<String> SAME_AS_FILES = Set.of("files", "compat", "systemd");
    private static final List<String> RECORDS = List.of("/etc/userdb", "/usr/lib/userdb", "/usr/local/lib/userdb");

    private NameServices() {
    }

    /** Returns whether an image's users and groups are only in its files. */
    static boolean usesOnlyFiles(DirectoryTree image) throws IOException {
        Optional<OpenFile> found = image.file(FILE);
        if (found.isEmpty()) {
            return true;
        }
        try (OpenFile file = found.get()) {
            String text = new String(file.readStart(FILE_LIMIT), StandardCharsets.UTF_8);
            return usesOnlyFiles(text) && (!text.contains("systemd") || !hasRecords(image));
        }
    }

    private static boolean hasRecords(DirectoryTree image) throws IOException {
        for (String directory : RECORDS) {
            Optional<Fd> found = image.directory(directory);
            if (found.isPresent()) {
                found.get().close();
                return true;
            }
        }
        return false;
    }

    /** Returns whether an nsswitch.conf names no other modules for users and groups. Words in brackets are actions, not modules. */
    static boolean usesOnlyFiles(String nsswitch) {
        return nsswitch.lines().map(line -> line.replaceFirst("#.*", "").strip().split(":", 2))
                .filter(line -> line.length == 2 && DATABASES.contains(line[0].strip()))
                .flatMap(line -> Arrays.stream(line[1].replaceAll("\\[[^\\[\\]]*\\]", " ").strip().split("\\s+")))
                .allMatch(module -> module.isEmpty() || SAME_AS_FILES.contains(module));
    }
}
