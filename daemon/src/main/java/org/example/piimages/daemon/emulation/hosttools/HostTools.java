package org.example.piimages.daemon.emulation.hosttools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.emulation.BinfmtEntry;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.process.Kernel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Determines which of the host's tools an emulated machine can use, and what the machine needs for that. */
public final class HostTools {

    /**
     * What a machine needs to use the host's tools.
     *
     * @param packages the packages of the tools, sorted
     * @param binds files of the host to bind into the machine, by their path there
     * @param script the script that it runs first, with the command as its arguments
     */
    public record Provision(List<String> packages, Map<String, Path> binds, String script) {

        /** The path of the script in the machine. */
        public static final String SCRIPT = "/run/piimages/start";
        /**
         * The path in the machine of a file that was written before the image was inspected: a program that has changed since is not the
         * one that was inspected, and no tool replaces it.
         */
        public static final String STAMP = Dispatcher.STAMP;

        /** Returns the words to put before the command. */
        public List<String> launcher() {
            return List.of(Relocation.DIRECTORY + "/sh", SCRIPT);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(HostTools.class);
    private static final int CACHE_SIZE = 64;

    private final ToolTrees trees = new ToolTrees();
    /**
     * Results by image, CPU and state of the packages: reading a hundred files takes longer than starting a machine. Each use verifies
     * that the files are unchanged.
     */
    private final Map<String, ImageTools> cache = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ImageTools> eldest) {
            return size() > CACHE_SIZE;
        }
    });

    /** Returns whether a kernel of this release allows a user namespace to have its own binfmt_misc. */
    public static boolean isSupportedBy(String release) {
        return Kernel.isAtLeast(release, 6, 7);
    }

    /**
     * Returns the tools for a machine that runs one command as root in its own user namespace. Errors are logged to the journal and only
     * cost speed. The file for {@link Provision#STAMP} must have been written before.
     *
     * @param identity the identity of the image's file, and the machine's owner, under which results are kept. The owner is included
     *         because the inode number of a deleted file can be reused for a file of another user, for which results about the first
     *         user's image must not be used
     * @return empty if there are none
     */
    public Optional<Provision> provide(DirectoryTree image, String identity, Emulation emulation) {
        try {
            Optional<ImageKind> kind = emulation.isEmulated() ? ImageKind.of(emulation.architecture()) : Optional.empty();
            if (kind.isEmpty() || !isSupportedBy(Kernel.release())) {
                return Optional.empty();
            }
            List<BinfmtEntry> emulators = Interpreters.selfContained();
            Optional<BinfmtEntry> own = emulators.stream().filter(entry -> entry.name().equals(emulation.entry())).findFirst();
            return own.isEmpty() ? Optional.empty() : provide(image, identity, kind.get(), own.get(), emulators);
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot use the host's tools for {}: {}", identity, e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Provision> provide(DirectoryTree image, String identity, ImageKind kind, BinfmtEntry own,
            List<BinfmtEntry> emulators) throws IOException {
        String state = packageState(image);
        if (state.isEmpty() || !NameServices.usesOnlyFiles(image)) {
            return Optional.empty();
        }
        Optional<ToolTree> tree = trees.current(kind, Path.of(own.interpreter()));
        if (tree.isEmpty()) {
            return Optional.empty();
        }
        String key = String.join(" ", identity, state, tree.get().directory().toString());
        ImageTools tools = cache.get(key);
        if (tools == null || !tools.isCurrent(image)) {
            tools = ImageTools.of(image, kind, tree.get());
            cache.put(key, tools);
        }
        return tools.headers().isEmpty() ? Optional.empty() : Optional.of(provision(tools, tree.get(), own, emulators));
    }

    private static Provision provision(ImageTools tools, ToolTree tree, BinfmtEntry own, List<BinfmtEntry> emulators) {
        Map<String, Path> binds = new LinkedHashMap<>();
        binds.put(Relocation.DIRECTORY, tree.place());
        emulators.forEach(entry -> binds.put(StartScript.EMULATORS + entry.name(), Path.of(entry.interpreter())));
        return new Provision(tools.packages().stream().sorted().toList(), binds,
                StartScript.of(emulators, own, tools.headers(), tree.showsCpuInfo()));
    }

    /** Returns a value that changes with every package that is installed or removed; empty if the image has no dpkg. */
    private static String packageState(DirectoryTree image) throws IOException {
        Optional<OpenFile> found = image.file(DpkgDatabase.STATUS);
        if (found.isEmpty()) {
            return "";
        }
        try (OpenFile file = found.get()) {
            return file.status().inode() + " " + file.length() + " " + Files.getLastModifiedTime(Path.of(file.fd().procPath()));
        }
    }

    /** Removes copies of earlier versions of the host's tools; called while no machine runs. */
    public void sweep() throws IOException {
        trees.sweep();
    }
}
