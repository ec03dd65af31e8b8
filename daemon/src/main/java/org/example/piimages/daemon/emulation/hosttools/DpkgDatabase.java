package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/** The information about some packages in the dpkg database of a system, /var/lib/dpkg; without dpkg, none are installed. */
final class DpkgDatabase {

    static final String STATUS = "/var/lib/dpkg/status";
    private static final String INFO = "/var/lib/dpkg/info/";
    private static final String INSTALLED = "install ok installed";
    private static final Set<String> FIELDS = Set.of("Package", "Status", "Version", "Architecture");
    private static final int LIST_LIMIT = 1 << 20;
    private static final int MD5_LENGTH = 32;

    /** An installed package. */
    private record Installed(String version, String architecture) {
    }

    private final DirectoryTree system;
    private final Map<String, Installed> packages;

    private DpkgDatabase(DirectoryTree system, Map<String, Installed> packages) {
        this.system = system;
        this.packages = packages;
    }

    /** Reads the status of the wanted packages. {@link #checksums} reads the tree again, which must be open then. */
    static DpkgDatabase read(DirectoryTree system, Set<String> wanted) throws IOException {
        return new DpkgDatabase(system, installed(system, wanted));
    }

    /** Parses the paragraphs of the status file for wanted packages that are installed. */
    private static Map<String, Installed> installed(DirectoryTree system, Set<String> wanted) throws IOException {
        Map<String, Installed> found = new HashMap<>();
        Optional<OpenFile> status = system.file(STATUS);
        if (status.isEmpty()) {
            return found;
        }
        Map<String, String> paragraph = new HashMap<>();
        try (OpenFile file = status.get(); BoundedLineReader lines = BoundedLineReader.of(file)) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                int colon = line.indexOf(": ");
                if (line.isEmpty()) {
                    keep(paragraph, wanted, found);
                    paragraph.clear();
                } else if (colon > 0 && FIELDS.contains(line.substring(0, colon))) {
                    paragraph.put(line.substring(0, colon), line.substring(colon + 2));
                }
            }
        }
        keep(paragraph, wanted, found);
        return found;
    }

    private static void keep(Map<String, String> paragraph, Set<String> wanted, Map<String, Installed> found) {
        String name = paragraph.getOrDefault("Package", "");
        if (wanted.contains(name) && INSTALLED.equals(paragraph.get("Status"))) {
            found.put(name, new Installed(paragraph.getOrDefault("Version", ""), paragraph.getOrDefault("Architecture", "")));
        }
    }

    /** Returns the version of a package; empty if it is not installed. */
    Optional<String> version(String name) {
        return Optional.ofNullable(packages.get(name)).map(Installed::version);
    }

    /** Returns the architecture of a package, "all" for an architecture-independent one; empty if it is not installed. */
    Optional<String> architecture(String name) {
        return Optional.ofNullable(packages.get(name)).map(Installed::architecture);
    }

    /** Returns the absolute paths of a package's regular files and their MD5 sums in hexadecimal; empty if it is not installed. */
    Map<String, String> checksums(String name) throws IOException {
        Map<String, String> checksums = new LinkedHashMap<>();
        lines(name, "md5sums").filter(line -> line.length() > MD5_LENGTH + 2)
                .forEach(line -> checksums.put("/" + line.substring(MD5_LENGTH + 2), line.substring(0, MD5_LENGTH)));
        return checksums;
    }

    private Stream<String> lines(String name, String kind) throws IOException {
        Installed installed = packages.get(name);
        if (installed == null) {
            return Stream.empty();
        }
        Optional<String> plain = text(system, INFO + name + "." + kind, LIST_LIMIT);
        return (plain.isPresent() ? plain : text(system, INFO + name + ":" + installed.architecture() + "." + kind, LIST_LIMIT))
                .stream().flatMap(String::lines);
    }

    private static Optional<String> text(DirectoryTree system, String path, int limit) throws IOException {
        Optional<OpenFile> found = system.file(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            return Optional.of(new String(file.readStart(limit), StandardCharsets.UTF_8));
        }
    }
}
