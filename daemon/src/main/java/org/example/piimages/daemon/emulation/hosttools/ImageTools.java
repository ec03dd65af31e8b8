package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.example.piimages.daemon.emulation.BytePattern;
import org.example.piimages.daemon.linux.Tree;

/**
 * The programs of an image for which the host has a tool.
 *
 * @param packages their packages
 * @param beginnings what tells each from every other file: its first bytes, which name its entry point and the places of its parts; and the
 *     name of the tool
 * @param perlModules what perl, if it is among them, has to see
 */
record ImageTools(Set<String> packages, Map<BytePattern, String> beginnings, List<PerlModules.Part> perlModules) {

    /** No tools. */
    static final ImageTools NONE = new ImageTools(Set.of(), Map.of(), List.of());

    ImageTools {
        packages = Set.copyOf(packages);
        beginnings = Map.copyOf(beginnings);
        perlModules = List.copyOf(perlModules);
    }

    /** Compares an image's programs with the host's: the same version, and in the image the very file that its package brought. */
    static ImageTools of(Tree image, ImageKind kind, ToolTree host) throws IOException {
        DpkgDatabase database = DpkgDatabase.read(image, Catalog.packages());
        boolean ofItsKind = database.architecture(Catalog.DPKG).filter(kind.debianName()::equals).isPresent();
        if (!ofItsKind || !fits(database, host, Catalog.C_LIBRARY)) {
            return NONE;
        }
        Optional<List<PerlModules.Part>> perlModules = PerlModules.needed(image, kind.libraries(), host);
        Beginnings beginnings = new Beginnings();
        Set<String> packages = new TreeSet<>();
        for (String name : Catalog.TOOLS) {
            if (fits(database, host, name) && (!name.equals(Catalog.PERL) || perlModules.isPresent())) {
                for (Map.Entry<String, String> file : database.checksums(name).entrySet()) {
                    if (name.equals(host.tools().get(file.getKey()))
                            && beginnings.add(image, file.getKey(), file.getValue(), kind.architecture())) {
                        packages.add(name);
                    }
                }
            }
        }
        beginnings.compareWithAll(image);
        return new ImageTools(packages, beginnings.unique(), packages.contains(Catalog.PERL) ? perlModules.orElseThrow() : List.of());
    }

    private static boolean fits(DpkgDatabase image, ToolTree host, String name) {
        Optional<String> there = image.version(name);
        String here = host.versions().get(name);
        return there.isPresent() && here != null && PackageVersion.fits(here, there.get());
    }
}
