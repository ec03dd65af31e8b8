package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.example.piimages.daemon.emulation.Architecture;
import org.example.piimages.daemon.emulation.BytePattern;
import org.example.piimages.daemon.emulation.ElfHeader;
import org.example.piimages.daemon.linux.FileStatus;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.Tree;

/**
 * The programs of an image for which the host has a tool.
 *
 * @param packages their packages
 * @param beginnings how they begin, by which the kernel tells them: the ELF header and the program headers; and the name of the tool. Of
 *     programs that begin alike one is here: the {@link Dispatcher} compares the file itself
 * @param verified the state of each file when its checksum was found to be its package's
 */
record ImageTools(Set<String> packages, Map<BytePattern, String> beginnings, Map<String, String> verified) {

    /** No tools. */
    static final ImageTools NONE = new ImageTools(Set.of(), Map.of(), Map.of());

    private static final int LARGEST_PROGRAM = 8 << 20;

    ImageTools {
        packages = Set.copyOf(packages);
        beginnings = Map.copyOf(beginnings);
        verified = Map.copyOf(verified);
    }

    /** Compares an image's programs with the host's: the same version, and in the image the very file that its package brought. */
    static ImageTools of(Tree image, ImageKind kind, ToolTree host) throws IOException {
        DpkgDatabase database = DpkgDatabase.read(image, Catalog.packages());
        boolean ofItsKind = database.architecture(Catalog.DPKG).filter(kind.debianName()::equals).isPresent();
        if (!ofItsKind || !fits(database, host, Catalog.C_LIBRARY)) {
            return NONE;
        }
        Map<BytePattern, String> beginnings = new HashMap<>();
        Map<String, String> verified = new LinkedHashMap<>();
        Set<String> packages = new TreeSet<>();
        for (String name : Catalog.TOOLS) {
            if (!fits(database, host, name)) {
                continue;
            }
            for (Map.Entry<String, String> file : database.checksums(name).entrySet()) {
                String tool = file.getKey().substring(file.getKey().lastIndexOf('/') + 1);
                if (name.equals(host.tools().get(file.getKey()))) {
                    add(image, tool, file.getValue(), kind.architecture(), verified).ifPresent(beginning -> {
                        beginnings.putIfAbsent(beginning, tool);
                        packages.add(name);
                    });
                }
            }
        }
        return new ImageTools(packages, beginnings, verified);
    }

    private static boolean fits(DpkgDatabase image, ToolTree host, String name) {
        Optional<String> there = image.version(name);
        String here = host.versions().get(name);
        return there.isPresent() && here != null && PackageVersion.fits(here, there.get());
    }

    /** How a program begins; empty when it is not there, not the package's, or not for that CPU. Its state is taken before its checksum. */
    private static Optional<BytePattern> add(Tree image, String tool, String md5, Architecture architecture, Map<String, String> verified)
            throws IOException {
        String path = Catalog.FOLDER + "/" + tool;
        Optional<OpenFile> found = image.file(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            String state = state(file.status());
            byte[] start = file.readStart(ElfHeader.USUAL_LENGTH);
            boolean ofItsCpu = ElfHeader.parse(start).flatMap(ElfHeader::architecture).filter(architecture::equals).isPresent();
            if (!ofItsCpu || start.length < BytePattern.HEADER_LENGTH || file.length() > LARGEST_PROGRAM || !md5.equals(Md5.of(file))) {
                return Optional.empty();
            }
            verified.put(path, state);
            return BytePattern.of(0, Arrays.copyOf(start, BytePattern.HEADER_LENGTH), new byte[0]);
        }
    }

    /** Whether none of the files has changed or been exchanged since they were verified. */
    boolean isStillTrueOf(Tree image) throws IOException {
        for (Map.Entry<String, String> file : verified.entrySet()) {
            Optional<FileStatus> status = image.status(file.getKey());
            if (status.isEmpty() || !state(status.get()).equals(file.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** Nobody can change a file and leave this as it was, but by writing to the image's blocks. */
    private static String state(FileStatus status) {
        return status.identity() + " " + status.size() + " " + status.changed();
    }
}
