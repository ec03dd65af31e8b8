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

/** The running kernel and its features: built in, loaded, or in a module that is loaded on demand. */
public final class Kernel {

    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
    private static final Path MODULES = Path.of("/lib/modules");
    private static final Path MAX_USER_NAMESPACES = Path.of("/proc/sys/user/max_user_namespaces");

    private Kernel() {
    }

    /** Whether the daemon can make system calls on this CPU: their numbers depend on the CPU, and only those of some CPUs are known. */
    public static boolean isSupported() {
        return Abi.isKnown();
    }

    /** Initialises system calls in advance; otherwise the first one is delayed by that. */
    public static void prepareCalls() {
        Libc.prepare();
    }

    /** The release as printed by {@code uname -r}. */
    public static String release() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/osrelease"), StandardCharsets.US_ASCII).strip();
    }

    /** Whether a release is that version or a later one; false if it is not a valid version. */
    public static boolean isAtLeast(String release, int major, int minor) {
        Matcher version = VERSION.matcher(release);
        if (!version.lookingAt()) {
            return false;
        }
        int actual = Integer.parseInt(version.group(1));
        return actual > major || actual == major && Integer.parseInt(version.group(2)) >= minor;
    }

    /** The size of a page in bytes. */
    public static int pageSize() {
        return Libc.callInfallible("getpagesize");
    }

    /** Whether the modules of the running kernel are installed. */
    public static boolean hasModules() throws IOException {
        return Files.isDirectory(MODULES.resolve(release()));
    }

    /** Returns those of the filesystem types that can be mounted. */
    public static Set<String> filesystems(Collection<String> wanted) throws IOException {
        Set<String> supported = modulesAmong(wanted);
        try (Stream<String> lines = Files.lines(Path.of("/proc/filesystems"))) {
            // A line is "nodev", a tab and a name; or a tab and a name.
            supported
                    .addAll(lines.map(line -> line.substring(line.indexOf('\t') + 1)).filter(wanted::contains).collect(Collectors.toSet()));
        }
        return supported;
    }

    /** Returns those of the modules that are built in or can be loaded, according to the lists of depmod(8), which name a file for each. */
    private static Set<String> modulesAmong(Collection<String> wanted) throws IOException {
        Set<String> supported = new HashSet<>();
        for (String list : new String[] {"modules.builtin", "modules.dep"}) {
            try (Stream<String> lines = Files.lines(MODULES.resolve(release()).resolve(list))) {
                lines.map(Kernel::moduleName).filter(wanted::contains).forEach(supported::add);
            } catch (NoSuchFileException e) {
                // A kernel without modules.
            }
        }
        return supported;
    }

    /** The name of the module that a line is about: vfat for "kernel/fs/fat/vfat.ko.xz: kernel/fs/fat/fat.ko.xz". */
    static String moduleName(String line) {
        String path = line.split(":", 2)[0];
        String file = path.substring(path.lastIndexOf('/') + 1);
        int suffix = file.indexOf(".ko");
        return suffix < 0 ? file : file.substring(0, suffix);
    }

    /** The maximum number of user namespaces; 0 if the kernel does not support them. */
    public static long maxUserNamespaces() throws IOException {
        try {
            return Long.parseLong(Files.readString(MAX_USER_NAMESPACES, StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
