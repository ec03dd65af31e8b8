package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.example.piimages.daemon.emulation.Architecture;
import org.example.piimages.daemon.emulation.BytePattern;
import org.example.piimages.daemon.emulation.ElfHeader;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.Tree;

/**
 * The programs of an image for which the host has a tool.
 *
 * @param packages their packages
 * @param beginnings what tells each from every other file: its first bytes, which name its entry point and the places of its parts
 * @param perlModules what perl, if it is among them, has to see
 */
record ImageTools(Set<String> packages, List<BytePattern> beginnings, List<PerlModules.Part> perlModules) {

    /** No tools. */
    static final ImageTools NONE = new ImageTools(Set.of(), List.of(), List.of());

    /** The ELF header and the first of the program headers: with another size or code, something of these differs. */
    private static final int BEGINNING = 128;
    private static final int LARGEST_TOOL = 16 << 20;

    ImageTools {
        packages = Set.copyOf(packages);
        beginnings = List.copyOf(beginnings);
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
        Set<String> packages = new TreeSet<>();
        Map<String, BytePattern> beginnings = new TreeMap<>();
        for (String name : Catalog.TOOLS) {
            if (!fits(database, host, name) || name.equals(Catalog.PERL) && perlModules.isEmpty()) {
                continue;
            }
            Map<String, String> checksums = database.checksums(name);
            for (Map.Entry<String, String> file : checksums.entrySet()) {
                if (name.equals(host.tools().get(file.getKey()))) {
                    beginning(image, file.getKey(), file.getValue(), kind.architecture())
                            .ifPresent(found -> beginnings.put(file.getKey(), found));
                }
            }
            if (checksums.keySet().stream().anyMatch(beginnings::containsKey)) {
                packages.add(name);
            }
        }
        return new ImageTools(packages, new ArrayList<>(Set.copyOf(beginnings.values())),
                packages.contains(Catalog.PERL) ? perlModules.orElseThrow() : List.of());
    }

    private static boolean fits(DpkgDatabase image, ToolTree host, String name) {
        Optional<String> there = image.version(name);
        String here = host.versions().get(name);
        return there.isPresent() && here != null && PackageVersion.fits(here, there.get());
    }

    private static Optional<BytePattern> beginning(Tree image, String path, String md5, Architecture architecture) throws IOException {
        Optional<OpenFile> found = image.file(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            if (file.length() > LARGEST_TOOL) {
                return Optional.empty();
            }
            byte[] content = file.readStart((int) file.length());
            boolean ofItsCpu = ElfHeader.parse(content).flatMap(ElfHeader::architecture).filter(architecture::equals).isPresent();
            if (!ofItsCpu || content.length < BEGINNING || !md5.equals(md5(content))) {
                return Optional.empty();
            }
            return BytePattern.of(0, Arrays.copyOf(content, BEGINNING), new byte[0]);
        }
    }

    /** What dpkg keeps of its files; it is no defence, and none is needed: an image can only deceive itself. */
    static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
