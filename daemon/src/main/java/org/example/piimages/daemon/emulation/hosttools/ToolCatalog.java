package org.example.piimages.daemon.emulation.hosttools;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tools whose result does not depend on the CPU they are built for, by the Debian packages that bring them.
 *
 * <p>Not among them, on purpose: bash (its HOSTTYPE and MACHTYPE name a CPU), apt (its caches have the CPU's layout), ldconfig, compilers,
 * mawk (the range of its %d is that of a long), perl (it loads the image's compiled modules, tells the sizes of its types, and writes the
 * path of its own program into files), and what {@link #EXCLUDED} names of the packages here.
 */
final class ToolCatalog {

    /** dpkg, whose programs name a CPU in one place; see {@link Relocation#architecture}. */
    static final String DPKG = "dpkg";
    /** The library whose version has to fit, for the locales' files are in its format. */
    static final String C_LIBRARY = "libc6";

    /** In the order in which a user is told of them. */
    static final List<String> TOOLS = List.of("coreutils", "dash", "debianutils", "diffutils", DPKG, "findutils", "grep", "gzip", "bzip2",
            "sed", "tar", "xz-utils", "zstd");

    /**
     * Programs of these packages that answer for the CPU, load a library into others, print a long or a long double, or start programs in
     * another root.
     */
    static final Set<String> EXCLUDED = Set.of("uname", "arch", "stdbuf", "od", "hostid", "chroot", "runcon", "chcon", "printf", "seq",
            "numfmt");
    /** Where tools are in an image; the {@link Dispatcher} knows no other place. */
    static final String DIRECTORY = "/usr/bin";
    /** The same directory, as packages of Debian 12 name it. */
    private static final Set<String> DIRECTORIES = Set.of("/bin", DIRECTORY);

    private ToolCatalog() {
    }

    /** Every package that anything here is decided by. */
    static Set<String> packages() {
        Set<String> packages = new LinkedHashSet<>(TOOLS);
        packages.add(C_LIBRARY);
        return packages;
    }

    /** Whether a path of one of the packages is a program that may be a tool. */
    static boolean isProgram(String path) {
        int slash = path.lastIndexOf('/');
        return DIRECTORIES.contains(path.substring(0, slash))
                && !EXCLUDED.contains(path.substring(slash + 1));
    }
}
