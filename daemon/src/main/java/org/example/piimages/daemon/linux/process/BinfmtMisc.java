package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** The kernel's table of interpreters for foreign programs; Documentation/admin-guide/binfmt-misc.rst. */
public final class BinfmtMisc {

    private static final Path DIRECTORY = Path.of("/proc/sys/fs/binfmt_misc");
    private static final Path BINFMT_D = Path.of(System.getProperty("piimages.binfmt", "/etc/binfmt.d"));

    private BinfmtMisc() {
    }

    /**
     * The text of every entry by name, in the order of the directory, which is the newest first. Mounts the filesystem if necessary.
     *
     * @throws Failure UNSUPPORTED if the kernel has no binfmt_misc
     */
    public static Map<String, String> entries() throws IOException {
        mount();
        Map<String, String> entries = new LinkedHashMap<>();
        try (var files = Files.newDirectoryStream(DIRECTORY)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.equals("register") && !name.equals("status")) {
                    entries.put(name, Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return entries;
    }

    private static void mount() throws IOException {
        if (Files.exists(DIRECTORY.resolve("register"))) {
            return;
        }
        try {
            Libc.call("mount", "binfmt_misc", DIRECTORY.toString(), "binfmt_misc", 0, Libc.NULL);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBUSY) {
                throw new Failure(Failure.Kind.UNSUPPORTED, "this kernel has no binfmt_misc, so it cannot run programs of another CPU: "
                        + e.reason(), e);
            }
        }
    }

    /** Registers an entry; the kernel tries the newest first. No error if one of the same name exists already. */
    public static void register(String line) throws IOException {
        try {
            write(DIRECTORY.resolve("register"), line);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** Unregisters an entry; no error if it does not exist. */
    public static void unregister(String name) throws IOException {
        try {
            write(DIRECTORY.resolve(name), "-1");
        } catch (ErrnoException e) {
            // ENOENT also if binfmt_misc is not mounted, in which case there is no entry either.
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Writes the whole line by one write(2), as the kernel requires. */
    private static void write(Path file, String line) throws ErrnoException {
        byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
        try (Fd fd = Lookup.trusted(file.toString(), OpenFlags.O_WRONLY)) {
            Libc.callLong("write", fd.number(), bytes, bytes.length);
        }
    }

    /** Stores an entry for the next boot of the host, when systemd-binfmt(8) registers it. */
    public static void makePersistent(String name, String line) throws IOException {
        Files.createDirectories(BINFMT_D);
        RunDirectory.writePublic(BINFMT_D.resolve(name + ".conf"), line + "\n");
    }

    /** Removes the drafts that a killed daemon left in {@link #makePersistent}, for entries whose names begin with {@code beginning}. */
    public static void removeDrafts(String beginning) throws IOException {
        RunDirectory.removeDrafts(BINFMT_D, beginning);
    }

    /** Whether an entry is stored for the next boot. */
    public static boolean isPersistent(String name) {
        return Files.exists(BINFMT_D.resolve(name + ".conf"));
    }

    /** Removes an entry that was stored for the next boot; no error if it was not. */
    public static void removePersistent(String name) throws IOException {
        Files.deleteIfExists(BINFMT_D.resolve(name + ".conf"));
    }

    /** The content of the files of binfmt.d(5), by file name. A file in an earlier directory hides those of the same name in later ones. */
    public static Map<String, String> configuredRules() throws IOException {
        Map<String, String> rules = new LinkedHashMap<>();
        for (String directory : new String[] {"/etc/binfmt.d", "/run/binfmt.d", "/usr/local/lib/binfmt.d", "/usr/lib/binfmt.d"}) {
            try (var files = Files.newDirectoryStream(Path.of(directory), "*.conf")) {
                for (Path file : files) {
                    rules.putIfAbsent(file.getFileName().toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            } catch (NoSuchFileException e) {
                // Most hosts have only one or two of these directories.
            }
        }
        return rules;
    }
}
