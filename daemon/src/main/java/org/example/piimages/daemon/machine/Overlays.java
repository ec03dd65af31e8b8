package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Tree;

/**
 * The files that a machine sees in place of its image's own. They are bound over within the machine: the image stays as it is, and nothing
 * has to be put back whatever happens.
 */
final class Overlays {

    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final String RESOLV_CONF = "/etc/resolv.conf";
    private static final String PRELOAD = "/etc/ld.so.preload";

    private Overlays() {
    }

    /** Writes what is needed to the machine's folder. The result maps places in the image to files of the host. */
    static Map<String, Path> prepare(Tree image, Path folder, Emulation emulation) throws IOException {
        Map<String, Path> overlays = new LinkedHashMap<>(emulation.overlays());
        if (canHold(image, RESOLV_CONF) && Files.isReadable(HOST_RESOLV_CONF)) {
            Path copy = folder.resolve("resolv.conf");
            RunFolder.writePublic(copy, Files.readString(HOST_RESOLV_CONF));
            overlays.put(RESOLV_CONF, copy);
        }
        // Raspberry Pi OS preloads libarmmem, whose instructions qemu-arm does not take.
        if (emulation.isEmulated() && image.status(PRELOAD).filter(status -> status.isRegularFile()).isPresent()) {
            Path empty = folder.resolve("ld.so.preload");
            RunFolder.writePublic(empty, "");
            overlays.put(PRELOAD, empty);
        }
        return overlays;
    }

    /**
     * Whether nspawn can bind over a file without making one in the image: it is there, or it is a link into /run, where resolvers keep
     * theirs and the machine has a filesystem of its own.
     */
    private static boolean canHold(Tree image, String path) throws IOException {
        if (image.status(path).filter(status -> status.isRegularFile()).isPresent()) {
            return true;
        }
        Optional<String> link = image.linkTarget(path);
        return link.filter(target -> target.startsWith("/run/") || target.startsWith("../run/")).isPresent();
    }
}
