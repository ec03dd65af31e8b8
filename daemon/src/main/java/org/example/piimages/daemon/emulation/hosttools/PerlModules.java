package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
    private static final int DEPTH = 12;

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
            Set<String> wanted = inImage(image, libraries + "/" + part.folder(), "", DEPTH);
            if (!wanted.isEmpty()) {
                if (!wanted.equals(onHost(host.perlModules(part)))) {
                    return Optional.empty();
                }
                parts.add(part);
            }
        }
        return Optional.of(parts);
    }

    private static Set<String> inImage(Tree image, String folder, String below, int depth) throws IOException {
        Set<String> found = new TreeSet<>();
        for (String name : depth == 0 ? List.<String>of() : image.entries(folder)) {
            if (name.endsWith(SUFFIX)) {
                found.add(below + name);
            } else if (!name.contains(".") && isFolder(image, folder + "/" + name)) {
                found.addAll(inImage(image, folder + "/" + name, below + name + "/", depth - 1));
            } else if (name.matches("\\d+\\.\\d+(\\.\\d+)?") && isFolder(image, folder + "/" + name)) {
                // The folder of a version; a link to it has the whole version as its name.
                found.addAll(inImage(image, folder + "/" + name, below, depth - 1));
            }
        }
        return found;
    }

    private static boolean isFolder(Tree image, String path) throws IOException {
        return image.linkTarget(path).isEmpty() && image.status(path).filter(FileStatus::isDirectory).isPresent();
    }

    private static Set<String> onHost(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        return programs(folder).stream().map(file -> folder.relativize(file).toString().replaceFirst("^\\d+\\.\\d+(\\.\\d+)?/", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The modules below a folder that are programs. */
    static List<Path> programs(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX) && Files.isRegularFile(file)).toList();
        }
    }
}
