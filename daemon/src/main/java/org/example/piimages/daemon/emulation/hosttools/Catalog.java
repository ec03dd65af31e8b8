package org.example.piimages.daemon.emulation.hosttools;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tools whose result does not depend on the CPU they are built for, by the Debian packages that bring them.
 *
 * <p>Not among them, on purpose: bash (its HOSTTYPE and MACHTYPE name a CPU), apt (its caches have the CPU's layout), ldconfig, compilers,
 * mawk (the range of its %d is that of a long), and what {@link #EXCLUDED} names of the packages here.
 */
final class Catalog {

    /** Perl, which takes modules with it: it is a tool only where they fit as well. */
    static final String PERL = "perl-base";
    /** debconf's companions, in every Debian that is installed as usual: modules that are programs. */
    static final List<String> PERL_COMPANIONS = List.of("liblocale-gettext-perl", "libtext-charwidth-perl", "libtext-iconv-perl");
    /** dpkg, whose programs name a CPU in one place; see {@link Relocation#architecture}. */
    static final String DPKG = "dpkg";
    /** The library whose version has to fit, for the locales' files are in its format. */
    static final String C_LIBRARY = "libc6";

    /** In the order in which a user is told of them. */
    static final List<String> TOOLS = List.of("coreutils", "dash", "debianutils", "diffutils", DPKG, "findutils", "grep", "gzip", "bzip2",
            PERL, "sed", "tar", "xz-utils", "zstd");

    /**
     * Programs of these packages that answer for the CPU, load a library into others, print a long or a long double, or start programs in
     * another root.
     */
    static final Set<String> EXCLUDED = Set.of("uname", "arch", "stdbuf", "od", "hostid", "chroot", "runcon", "chcon", "printf", "seq",
            "numfmt");
    /** Where programs are. */
    static final Set<String> FOLDERS = Set.of("/bin", "/usr/bin", "/sbin", "/usr/sbin");

    private Catalog() {
    }

    /** Every package that anything here is decided by. */
    static Set<String> packages() {
        Set<String> packages = new LinkedHashSet<>(TOOLS);
        packages.addAll(PERL_COMPANIONS);
        packages.add(C_LIBRARY);
        return packages;
    }

    /** Whether a path of one of the packages is a program that may be a tool. */
    static boolean isProgram(String path) {
        int slash = path.lastIndexOf('/');
        return FOLDERS.contains(path.substring(0, slash))
                && !EXCLUDED.contains(path.substring(slash + 1));
    }
}
