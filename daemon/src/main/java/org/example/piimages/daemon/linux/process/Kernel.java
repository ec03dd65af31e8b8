package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.piimages.libc.Abi;
import org.example.piimages.libc.Libc;

/** The kernel that runs, and what it can do: built in, loaded, or in a module that it loads when it is needed. */
public final class Kernel {

    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
    private static final Path MODULES = Path.of("/lib/modules");
    private static final Path MAX_USER_NAMESPACES = Path.of("/proc/sys/user/max_user_namespaces");

    private Kernel() {
    }

    /** Whether this process can make system calls: their numbers differ between CPUs, and those of few are known. */
    public static boolean isCallable() {
        return Abi.isKnown();
    }

    /** Loads what system calls take; otherwise the first one waits for that. */
    public static void prepareCalls() {
        Libc.prepare();
    }

    /** As {@code uname -r} says. */
    public static String release() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/osrelease"), StandardCharsets.US_ASCII).strip();
    }

    /** Whether a release is that version or a later one; what is no version is none. */
    public static boolean isAtLeast(String release, int major, int minor) {
        Matcher version = VERSION.matcher(release);
        if (!version.lookingAt()) {
            return false;
        }
        int found = Integer.parseInt(version.group(1));
        return found > major || found == major && Integer.parseInt(version.group(2)) >= minor;
    }

    /** The bytes of a page. */
    public static int pageSize() {
        return Libc.callInfallible("getpagesize");
    }

    /** Whether there is a folder of modules for the kernel that runs. */
    public static boolean hasModules() throws IOException {
        return Files.isDirectory(MODULES.resolve(release()));
    }

    /** Those of the filesystems that can be mounted. */
    public static Set<String> filesystems(Collection<String> wanted) throws IOException {
        Set<String> found = modulesAmong(wanted);
        try (Stream<String> lines = Files.lines(Path.of("/proc/filesystems"))) {
            // "nodev", a tab and a name, or a tab and a name.
            found.addAll(lines.map(line -> line.substring(line.indexOf('\t') + 1)).filter(wanted::contains).collect(Collectors.toSet()));
        }
        return found;
    }

    /** Those of the modules that are built in or can be loaded: the lists that depmod(8) makes name a file for each. */
    private static Set<String> modulesAmong(Collection<String> wanted) throws IOException {
        Set<String> found = new HashSet<>();
        for (String list : new String[] {"modules.builtin", "modules.dep"}) {
            try (Stream<String> lines = Files.lines(MODULES.resolve(release()).resolve(list))) {
                lines.map(Kernel::moduleName).filter(wanted::contains).forEach(found::add);
            } catch (NoSuchFileException e) {
                // A kernel that loads none.
            }
        }
        return found;
    }

    /** "kernel/fs/fat/vfat.ko.xz: kernel/fs/fat/fat.ko.xz" is about vfat. */
    static String moduleName(String line) {
        String path = line.split(":", 2)[0];
        String file = path.substring(path.lastIndexOf('/') + 1);
        int suffix = file.indexOf(".ko");
        return suffix < 0 ? file : file.substring(0, suffix);
    }

    /** How many user namespaces there may be; none where the kernel has none. */
    public static long maxUserNamespaces() throws IOException {
        try {
            return Long.parseLong(Files.readString(MAX_USER_NAMESPACES, StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
