package org.example.piimages.daemon.machine.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.mount.Tree;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.Network;

/**
 * The files that a machine sees in place of its image's own. They are bound over within the machine: the image stays as it is, and nothing
 * has to be put back whatever happens.
 */
public final class Overlays {

    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final String RESOLV_CONF = "/etc/resolv.conf";
    private static final String PRELOAD = "/etc/ld.so.preload";
    private static final String FSTAB = "/etc/fstab";
    private static final String MACHINE_ID = "/etc/machine-id";
    private static final String INITRAMFS = "/etc/initramfs-tools/initramfs.conf";
    /** mkinitramfs(8) reads it after the file above; packages hardly ever put something there, and people have the one in /etc. */
    private static final String INITRAMFS_FOLDER = "/usr/share/initramfs-tools/conf.d";
    private static final String HOSTNAME = "/etc/hostname";
    private static final String UNITS = "units";
    private static final int FILE_LIMIT = 64 * 1024;
    /** Images have none or two. */
    private static final int FILES = 32;

    private final Tree image;
    private final Path folder;
    private final MachineMode mode;
    private final Map<String, Path> overlays = new LinkedHashMap<>();

    private Overlays(Tree image, Path folder, MachineMode mode) {
        this.image = image;
        this.folder = folder;
        this.mode = mode;
    }

    /** Writes what is needed to the machine's folder. The result maps places in the machine to files and folders of the host. */
    public static Map<String, Path> prepare(Tree image, Path folder, MachineMode mode, Emulation emulation) throws IOException {
        Overlays overlays = new Overlays(image, folder, mode);
        overlays.overlays.putAll(emulation.overlays());
        overlays.coverCommonFiles(emulation);
        if (mode.boot()) {
            overlays.coverForInit(emulation);
        } else if (overlays.followsHostNames() && overlays.canHoldResolvConf()) {
            overlays.cover(RESOLV_CONF, hostResolvConf());
        }
        return overlays.overlays;
    }

    /** The image's own host name; empty when it has none that is valid. */
    public static String hostName(Tree image) throws IOException {
        return read(image, HOSTNAME).map(HostName::in).orElse("");
    }

    /** Comments may be in any encoding, all else is ASCII. */
    private static String hostResolvConf() throws IOException {
        return new String(Files.readAllBytes(HOST_RESOLV_CONF), StandardCharsets.UTF_8);
    }

    private void coverCommonFiles(Emulation emulation) throws IOException {
        // Raspberry Pi OS preloads libarmmem, whose instructions qemu-arm does not take. A file that names nothing is left to the image.
        if (emulation.isEmulated() && isFile(PRELOAD) && read(image, PRELOAD).filter(Overlays::namesLibraries).isPresent()) {
            cover(PRELOAD, "");
        }
        // What "dep" looks for, the devices below the root filesystem, a container does not have: every kernel update would fail.
        Optional<String> initramfs = read(image, INITRAMFS).filter(InitramfsModules::isDependent);
        if (initramfs.isPresent()) {
            coverInitramfs(initramfs.get());
        }
    }

    /** Whether ld.so(8) would load something by such a file. */
    public static boolean namesLibraries(String preload) {
        return preload.lines().anyMatch(line -> !line.replaceFirst("#.*", "").isBlank());
    }

    /** Beside the file where that can be done, so that a script or an upgrade may replace it. */
    private void coverInitramfs(String configuration) throws IOException {
        if (image.linkTarget(INITRAMFS_FOLDER).isPresent() || image.status(INITRAMFS_FOLDER).filter(FileStatus::isDirectory).isEmpty()) {
            cover(INITRAMFS, InitramfsModules.most(configuration));
            return;
        }
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : image.entries(INITRAMFS_FOLDER).stream().filter(InitramfsModules::isRead).limit(FILES).toList()) {
            read(image, INITRAMFS_FOLDER + "/" + name).ifPresent(content -> files.put(name, content));
        }
        files.put(InitramfsModules.FILE, InitramfsModules.MOST);
        Path copy = folder.resolve("initramfs");
        RunFolder.writePublicTree(copy, files);
        overlays.put(INITRAMFS_FOLDER, copy);
    }

    private void coverForInit(Emulation emulation) throws IOException {
        // All is mounted; to mount it once more could only fail.
        if (isFile(FSTAB)) {
            cover(FSTAB, "");
        }
        // An image that has no id yet is to get one in each Raspberry Pi it is written for, not one for all of them here.
        if (read(image, MACHINE_ID).filter(id -> id.isBlank() || id.strip().equals("uninitialized")).isPresent()) {
            cover(MACHINE_ID, UUID.randomUUID().toString().replace("-", "") + "\n");
        }
        String resolvConf = "";
        if (followsHostNames() && isFile(RESOLV_CONF)) {
            cover(RESOLV_CONF, hostResolvConf());
        } else if (followsHostNames() && leadsIntoRun(RESOLV_CONF)) {
            resolvConf = hostResolvConf();
        }
        RunFolder.writePublicTree(folder.resolve(UNITS), GuestUnits.of(emulation.isEmulated(), mode.network(), resolvConf));
        overlays.put(GuestUnits.PLACE, folder.resolve(UNITS));
    }

    private void cover(String place, String content) throws IOException {
        Path file = folder.resolve(place.substring(place.lastIndexOf('/') + 1));
        RunFolder.writePublic(file, content);
        overlays.put(place, file);
    }

    private boolean followsHostNames() {
        return mode.network() == Network.HOST && Files.isReadable(HOST_RESOLV_CONF);
    }

    /**
     * Whether nspawn can bind over it without making a file in the image: it is there, or it is a link into /run, where resolvers keep
     * theirs and the machine has a filesystem of its own.
     */
    private boolean canHoldResolvConf() throws IOException {
        return isFile(RESOLV_CONF) || leadsIntoRun(RESOLV_CONF);
    }

    private boolean leadsIntoRun(String path) throws IOException {
        return MachinePlaces.followed(image, path).startsWith("/run/");
    }

    private boolean isFile(String path) throws IOException {
        return image.status(path).filter(FileStatus::isRegularFile).isPresent();
    }

    private static Optional<String> read(Tree image, String path) throws IOException {
        Optional<OpenFile> found = image.file(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            return Optional.of(new String(file.readStart(FILE_LIMIT), StandardCharsets.UTF_8));
        }
    }
}
