package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@link ToolTree}s in /var/cache/piimages/host-tools, one for each kind of image; made anew when the host's packages change. */
final class ToolTrees {

    private static final Logger LOG = LoggerFactory.getLogger(ToolTrees.class);
    private static final Path CACHE = Path.of(System.getProperty("piimages.cache", "/var/cache/piimages"), "host-tools");
    /** To be counted up when what is in a tree changes. */
    private static final String LAYOUT = "5";
    private static final String DRAFT = ".new";

    private final Map<ImageKind, ToolTree> current = new EnumMap<>(ImageKind.class);
    private boolean outdated;
    /** The trees that cannot be made: said once, and not tried again until the host has changed. */
    private final Map<ImageKind, Path> failed = new EnumMap<>(ImageKind.class);

    /** The tree for a kind of image, made if need be; empty when this host has no tools for it. */
    synchronized Optional<ToolTree> current(ImageKind kind, Path emulator) throws IOException {
        Path directory = CACHE.resolve(name(kind, emulator));
        ToolTree tree = current.get(kind);
        if (tree != null && tree.directory().equals(directory) && Files.isDirectory(directory)) {
            return Optional.of(tree);
        }
        if (directory.equals(failed.get(kind))) {
            return Optional.empty();
        }
        Optional<ToolTree> found = load(directory);
        if (found.isEmpty()) {
            found = make(kind, emulator, directory);
        }
        if (found.isEmpty()) {
            failed.put(kind, directory);
            LOG.warn("images run without this host's tools: {} or {} has no room for the code that starts them, or a program is missing",
                    emulator, Relocation.HOST_LOADER);
        }
        found.ifPresent(made -> current.put(kind, made));
        outdated |= found.isPresent();
        return found;
    }

    /** Named for all that it is made of, so that another state of the host is another directory. */
    private static String name(ImageKind kind, Path emulator) throws IOException {
        String state = String.join(" ", LAYOUT, state(Path.of(DpkgDatabase.STATUS)), emulator.toString(), state(emulator));
        return prefix(kind) + Md5.of(state.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    private static String state(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) + " " + Files.getLastModifiedTime(file) : "";
    }

    /** What is not whole, because the power went or somebody removed a part, is removed. */
    private static Optional<ToolTree> load(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try {
            return Optional.of(ToolTree.load(directory));
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("{} is incomplete and will be created again: {}", directory, e.getMessage());
            RunDirectory.removeDirectory(directory);
            return Optional.empty();
        }
    }

    /** Complete, or not there: what a daemon before this one left unfinished has another name. */
    private static Optional<ToolTree> make(ImageKind kind, Path emulator, Path directory) throws IOException {
        Path draft = directory.resolveSibling(directory.getFileName() + DRAFT);
        RunDirectory.removeDirectory(draft);
        Optional<ToolTree> built;
        try (Undo undo = new Undo()) {
            undo.add("remove " + draft, () -> RunDirectory.removeDirectory(draft));
            Files.createDirectories(draft);
            built = ToolTreeBuilder.build(kind, emulator, draft);
            if (built.isEmpty()) {
                return Optional.empty();
            }
            Files.move(draft, directory, StandardCopyOption.ATOMIC_MOVE);
            undo.commit();
        }
        LOG.info("copied {} tools of this host for {} images", built.get().tools().size(), kind.debianName());
        return built.map(tree -> tree.movedTo(directory));
    }

    /** Removes the trees that a current one stands for. Machines that see one of them would have to do without. */
    synchronized void sweep() throws IOException {
        if (!outdated) {
            return;
        }
        for (Map.Entry<ImageKind, ToolTree> kept : current.entrySet()) {
            for (Path tree : RunDirectory.entries(CACHE)) {
                if (tree.getFileName().toString().startsWith(prefix(kept.getKey())) && !tree.equals(kept.getValue().directory())) {
                    RunDirectory.removeDirectory(tree);
                }
            }
        }
        outdated = false;
    }

    private static String prefix(ImageKind kind) {
        return kind.name().toLowerCase(Locale.ROOT) + "-";
    }
}
