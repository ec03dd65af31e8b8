package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.FileStatus;
import org.example.piimages.daemon.linux.Tree;

/**
 * Perl's modules that are programs ("XS"). The host's perl can load the host's alone, so it is a tool only for an image whose modules the
 * host has too; and then it sees these and no others, so that what is missing in the image is missing for it.
 */
final class PerlModules {

    /** A folder of such modules. */
    enum Part {
        /** What comes with the whole of perl; perl-base's own are always there. */
        LIBRARY("perl"),
        /** Those of other packages. */
        COMPANIONS("perl5");

        private final String folder;

        Part(String folder) {
            this.folder = folder;
        }

        /** Its name in the folder for libraries, on the host and in an image. */
        String folder() {
            return folder;
        }
    }

    private static final String SUFFIX = ".so";
    private static final Pattern VERSION = Pattern.compile("^\\d+\\.\\d+(\\.\\d+)?/");
    /** The whole of perl has about forty, among a thousand files and folders. */
    private static final int MOST_NAMES = 20_000;
    /** Of the paths of all of them: a path may have thousands. */
    private static final int MOST_CHARACTERS = 2 << 20;

    private PerlModules() {
    }

    /**
     * The parts that a machine has to see; empty when the host's perl cannot serve the image.
     *
     * @param libraries the image's folder for libraries, such as /usr/lib/arm-linux-gnueabihf
     */
    static Optional<List<Part>> needed(Tree image, String libraries, ToolTree host) throws IOException {
        List<Part> parts = new ArrayList<>();
        for (Part part : Part.values()) {
            Set<String> wanted = inImage(image, libraries + "/" + part.folder());
            if (!wanted.isEmpty()) {
                if (!wanted.equals(onHost(host.perlModules(part)))) {
                    return Optional.empty();
                }
                parts.add(part);
            }
        }
        return Optional.of(parts);
    }

    /** Where they are below a folder, without the folder of perl's version; of more names than perl would have, the first. */
    private static Set<String> inImage(Tree image, String top) throws IOException {
        Set<String> found = new TreeSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(top));
        int characters = 0;
        for (int names = 0; !left.isEmpty() && names < MOST_NAMES; names++) {
            String folder = left.remove();
            List<String> entries = image.entries(folder);
            names += entries.size();
            for (String name : entries) {
                String path = folder + "/" + name;
                characters += path.length();
                if (characters > MOST_CHARACTERS) {
                    return found;
                }
                if (name.endsWith(SUFFIX)) {
                    found.add(withoutVersion(path.substring(top.length() + 1)));
                } else if (isFolder(image, path)) {
                    left.add(path);
                }
            }
        }
        return found;
    }

    private static String withoutVersion(String path) {
        return VERSION.matcher(path).replaceFirst("");
    }

    /** A link from one version to another leads to the same modules. */
    private static boolean isFolder(Tree image, String path) throws IOException {
        return image.linkTarget(path).isEmpty() && image.status(path).filter(FileStatus::isDirectory).isPresent();
    }

    private static Set<String> onHost(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        return programs(folder).stream().map(file -> withoutVersion(folder.relativize(file).toString()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The modules below a folder that are programs. */
    static List<Path> programs(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX) && Files.isRegularFile(file)).toList();
        }
    }
}
