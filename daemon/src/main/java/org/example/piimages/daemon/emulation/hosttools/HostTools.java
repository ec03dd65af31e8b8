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
import org.example.piimages.daemon.linux.mount.Tree;
import org.example.piimages.daemon.linux.process.Kernel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out which of the host's tools an emulated machine can use, and what it has to see and do for that. */
public final class HostTools {

    /**
     * What a machine needs to use them.
     *
     * @param packages whose tools they are, sorted
     * @param binds what of the host it sees, by the place in the machine
     * @param script what it runs first, with the command as its arguments
     */
    public record Provision(List<String> packages, Map<String, Path> binds, String script) {

        /** Where the machine sees the script. */
        public static final String SCRIPT = "/run/piimages/start";
        /**
         * Where the machine sees a file that was written before its image was looked at: what has changed since is not what was looked at,
         * and no tool stands for it.
         */
        public static final String STAMP = Dispatcher.STAMP;

        /** The words before the command. */
        public List<String> launcher() {
            return List.of(Relocation.PLACE + "/sh", SCRIPT);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(HostTools.class);
    private static final int IMAGES_REMEMBERED = 64;

    private final ToolTrees trees = new ToolTrees();
    /**
     * By the image, its CPU and the state of its packages: to read a hundred files takes longer than to start a machine. Whether they are
     * the same still is asked each time.
     */
    private final Map<String, ImageTools> known = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ImageTools> eldest) {
            return size() > IMAGES_REMEMBERED;
        }
    });

    /** Whether a kernel lets a user namespace have a binfmt_misc of its own. */
    public static boolean isSupportedBy(String release) {
        return Kernel.isAtLeast(release, 6, 7);
    }

    /**
     * The tools for a machine that runs one command as root in its own user namespace. What goes wrong is told in the journal and costs
     * speed alone. The file that the machine is to see at {@link Provision#STAMP} has to be written before.
     *
     * @param identity of the image's file, and whose machine it is: a file that somebody removed leaves its number to another's, and what
     *     was found in the one, which its owner made, must not be believed of the other
     * @return empty when there are none
     */
    public Optional<Provision> provide(Tree image, String identity, Emulation emulation) {
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

    private Optional<Provision> provide(Tree image, String identity, ImageKind kind, BinfmtEntry own,
            List<BinfmtEntry> emulators) throws IOException {
        String state = packageState(image);
        if (state.isEmpty() || !NameServices.areFiles(image)) {
            return Optional.empty();
        }
        Optional<ToolTree> tree = trees.current(kind, Path.of(own.interpreter()));
        if (tree.isEmpty()) {
            return Optional.empty();
        }
        String key = String.join(" ", identity, state, tree.get().folder().toString());
        ImageTools tools = known.get(key);
        if (tools == null || !tools.isStillTrueOf(image)) {
            tools = ImageTools.of(image, kind, tree.get());
            known.put(key, tools);
        }
        return tools.beginnings().isEmpty() ? Optional.empty() : Optional.of(provision(tools, tree.get(), own, emulators));
    }

    private static Provision provision(ImageTools tools, ToolTree tree, BinfmtEntry own, List<BinfmtEntry> emulators) {
        Map<String, Path> binds = new LinkedHashMap<>();
        binds.put(Relocation.PLACE, tree.place());
        emulators.forEach(entry -> binds.put(StartScript.EMULATORS + entry.name(), Path.of(entry.interpreter())));
        return new Provision(tools.packages().stream().sorted().toList(), binds,
                StartScript.of(emulators, own, tools.beginnings(), tree.showsCpuInfo()));
    }

    /** Changes with every package that is installed or removed; empty when the image has no dpkg. */
    private static String packageState(Tree image) throws IOException {
        Optional<OpenFile> found = image.file(DpkgDatabase.STATUS);
        if (found.isEmpty()) {
            return "";
        }
        try (OpenFile file = found.get()) {
            return file.status().inode() + " " + file.length() + " " + Files.getLastModifiedTime(Path.of(file.fd().procPath()));
        }
    }

    /** No machine runs: copies of what the host had before are removed. */
    public void sweep() throws IOException {
        trees.sweep();
    }
}
