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
import org.example.piimages.daemon.linux.file.FileAttributes;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/**
 * The programs of an image for which the host has a tool.
 *
 * @param packages the packages of these programs
 * @param headers the names of the tools by the beginning of the programs, the ELF header and the program headers, by which the kernel
 *         identifies them. Of programs with the same beginning only one is included: the {@link Dispatcher} compares the file itself
 * @param states the state of each candidate file when it was compared, whatever the result
 */
record ImageTools(Set<String> packages, Map<BytePattern, String> headers, Map<String, String> states) {

    /** No tools. */
    static final ImageTools NONE = new ImageTools(Set.of(), Map.of(), Map.of());

    private static final int MAX_PROGRAM_SIZE = 8 << 20;
    private static final String MISSING = "";

    ImageTools {
        packages = Set.copyOf(packages);
        headers = Map.copyOf(headers);
        states = Map.copyOf(states);
    }

    /**
     * Compares an image's programs with the host's: a tool needs the same version, and in the image the unmodified file from its package.
     */
    static ImageTools of(DirectoryTree image, ImageKind kind, ToolTree host) throws IOException {
        DpkgDatabase database = DpkgDatabase.read(image, ToolCatalog.packages());
        boolean ofItsKind = database.architecture(ToolCatalog.DPKG).filter(kind.debianName()::equals).isPresent();
        if (!ofItsKind || !fits(database, host, ToolCatalog.C_LIBRARY)) {
            return NONE;
        }
        Map<BytePattern, String> beginnings = new HashMap<>();
        Map<String, String> states = new LinkedHashMap<>();
        Set<String> packages = new TreeSet<>();
        for (String name : ToolCatalog.TOOLS) {
            if (!fits(database, host, name)) {
                continue;
            }
            for (Map.Entry<String, String> file : database.checksums(name).entrySet()) {
                String tool = file.getKey().substring(file.getKey().lastIndexOf('/') + 1);
                if (name.equals(host.tools().get(file.getKey()))) {
                    add(image, tool, file.getValue(), kind.architecture(), states).ifPresent(beginning -> {
                        beginnings.putIfAbsent(beginning, tool);
                        packages.add(name);
                    });
                }
            }
        }
        return new ImageTools(packages, beginnings, states);
    }

    private static boolean fits(DpkgDatabase image, ToolTree host, String name) {
        Optional<String> imageVersion = image.version(name);
        String hostVersion = host.versions().get(name);
        return imageVersion.isPresent() && hostVersion != null && PackageVersion.fits(hostVersion, imageVersion.get());
    }

    /**
     * Returns the beginning of a program; empty if it does not exist, differs from the package's, is not for this CPU, or is set-user-ID
     * or similar. Its state is recorded before its checksum is computed.
     */
    private static Optional<BytePattern> add(DirectoryTree image, String tool, String md5, Architecture architecture,
            Map<String, String> states)
            throws IOException {
        String path = ToolCatalog.DIRECTORY + "/" + tool;
        Optional<OpenFile> found = image.file(path);
        states.put(path, found.map(file -> state(file.status())).orElse(MISSING));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            byte[] start = file.readStart(ElfHeader.READ_LENGTH);
            boolean ofItsCpu = ElfHeader.parse(start).flatMap(ElfHeader::architecture).filter(architecture::equals).isPresent();
            boolean usual = start.length >= BytePattern.HEADER_LENGTH && file.length() <= MAX_PROGRAM_SIZE;
            // The kernel grants the program's privileges to the dispatcher, and would recompute them when that executes the
            // tool.
            if (!ofItsCpu || !usual || FileAttributes.hasFilePrivileges(file) || !md5.equals(Md5.of(file))) {
                return Optional.empty();
            }
            return BytePattern.of(0, Arrays.copyOf(start, BytePattern.HEADER_LENGTH), new byte[0]);
        }
    }

    /** Returns whether none of the files has been changed, replaced, created or removed since they were compared. */
    boolean isCurrent(DirectoryTree image) throws IOException {
        for (Map.Entry<String, String> file : states.entrySet()) {
            if (!image.status(file.getKey()).map(ImageTools::state).orElse(MISSING).equals(file.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** Returns a value that nobody can keep when changing the file, except by writing to the image's blocks. */
    private static String state(FileStatus status) {
        return status.identity() + " " + status.size() + " " + status.ctime();
    }
}
