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
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.Network;

/**
 * The files that replace those of the image in a machine. They are mounted over the image's: the image is not changed, and nothing has to
 * be restored, however the machine ends.
 */
public final class Overlays {

    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final String RESOLV_CONF = "/etc/resolv.conf";
    private static final String PRELOAD = "/etc/ld.so.preload";
    private static final String FSTAB = "/etc/fstab";
    private static final String MACHINE_ID = "/etc/machine-id";
    private static final String INITRAMFS = "/etc/initramfs-tools/initramfs.conf";
    /** mkinitramfs(8) reads this directory after the file above. Few packages install files there, and users edit the one in /etc. */
    private static final String INITRAMFS_DIRECTORY = "/usr/share/initramfs-tools/conf.d";
    private static final String HOSTNAME = "/etc/hostname";
    private static final String UNITS = "units";
    private static final int FILE_LIMIT = 64 * 1024;
    /** The maximum number of files read in that directory. Images have none or two. */
    private static final int FILES = 32;

    private final DirectoryTree image;
    private final Path directory;
    private final MachineMode mode;
    private final Map<String, Path> overlays = new LinkedHashMap<>();

    private Overlays(DirectoryTree image, Path directory, MachineMode mode) {
        this.image = image;
        this.directory = directory;
        this.mode = mode;
    }

    /**
     * Writes the files that the machine needs.
     *
     * @param directory the machine's own directory
     * @return the files and directories of the host to mount, by their path in the machine
     */
    public static Map<String, Path> prepare(DirectoryTree image, Path directory, MachineMode mode, Emulation emulation) throws IOException {
        Overlays overlays = new Overlays(image, directory, mode);
        overlays.overlays.putAll(emulation.overlays());
        overlays.coverCommonFiles(emulation);
        if (mode.boot()) {
            overlays.coverForInit(emulation);
        } else if (overlays.followsHostNames() && overlays.canHoldResolvConf()) {
            overlays.cover(RESOLV_CONF, hostResolvConf());
        }
        return overlays.overlays;
    }

    /** Returns the image's own host name; empty if it has no valid one. */
    public static String hostName(DirectoryTree image) throws IOException {
        return read(image, HOSTNAME).map(HostName::parse).orElse("");
    }

    /** Comments may be in any encoding; everything else is ASCII. */
    private static String hostResolvConf() throws IOException {
        return new String(Files.readAllBytes(HOST_RESOLV_CONF), StandardCharsets.UTF_8);
    }

    private void coverCommonFiles(Emulation emulation) throws IOException {
        // Raspberry Pi OS preloads libarmmem, whose instructions qemu-arm does not support. A file without libraries is not replaced.
        if (emulation.isEmulated() && isFile(PRELOAD) && read(image, PRELOAD).filter(Overlays::namesLibraries).isPresent()) {
            cover(PRELOAD, "");
        }
        // "dep" searches for the devices below the root filesystem, which a container does not have: every kernel update would fail.
        Optional<String> initramfs = read(image, INITRAMFS).filter(InitramfsModules::isDependent);
        if (initramfs.isPresent()) {
            coverInitramfs(initramfs.get());
        }
    }

    /** Returns whether a ld.so.preload, ld.so(8), names libraries. */
    public static boolean namesLibraries(String preload) {
        return preload.lines().anyMatch(line -> !line.replaceFirst("#.*", "").isBlank());
    }

    /**
     * Sets MODULES=most, if possible by a file in conf.d: a script or an upgrade can then still replace initramfs.conf, which a mount point
     * would prevent.
     */
    private void coverInitramfs(String configuration) throws IOException {
        if (image.linkTarget(INITRAMFS_DIRECTORY).isPresent()
                || image.status(INITRAMFS_DIRECTORY).filter(FileStatus::isDirectory).isEmpty()) {
            cover(INITRAMFS, InitramfsModules.most(configuration));
            return;
        }
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : image.entries(INITRAMFS_DIRECTORY).stream().filter(InitramfsModules::isConfigurationFile).limit(FILES)
                .toList()) {
            read(image, INITRAMFS_DIRECTORY + "/" + name).ifPresent(content -> files.put(name, content));
        }
        files.put(InitramfsModules.FILE, InitramfsModules.MODULES_MOST);
        Path copy = directory.resolve("initramfs");
        RunDirectory.writePublicTree(copy, files);
        overlays.put(INITRAMFS_DIRECTORY, copy);
    }

    private void coverForInit(Emulation emulation) throws IOException {
        // Its filesystems are mounted already, and mounting them again would fail.
        if (isFile(FSTAB)) {
            cover(FSTAB, "");
        }
        // An image without an ID has to get one at the first boot in each Raspberry Pi, not the same one for all of them here.
        if (read(image, MACHINE_ID).filter(id -> id.isBlank() || id.strip().equals("uninitialized")).isPresent()) {
            cover(MACHINE_ID, UUID.randomUUID().toString().replace("-", "") + "\n");
        }
        String resolvConf = "";
        if (followsHostNames() && isFile(RESOLV_CONF)) {
            cover(RESOLV_CONF, hostResolvConf());
        } else if (followsHostNames() && isLinkIntoRun(RESOLV_CONF)) {
            resolvConf = hostResolvConf();
        }
        RunDirectory.writePublicTree(directory.resolve(UNITS), GuestUnits.of(emulation.isEmulated(), mode.network(), resolvConf));
        overlays.put(GuestUnits.DIRECTORY, directory.resolve(UNITS));
    }

    private void cover(String place, String content) throws IOException {
        Path file = directory.resolve(place.substring(place.lastIndexOf('/') + 1));
        RunDirectory.writePublic(file, content);
        overlays.put(place, file);
    }

    private boolean followsHostNames() {
        return mode.network() == Network.HOST && Files.isReadable(HOST_RESOLV_CONF);
    }

    /**
     * Returns whether resolv.conf can be mounted over without creating a file in the image: it exists, or is a link into /run, where
     * resolvers create theirs and the machine has its own filesystem.
     */
    private boolean canHoldResolvConf() throws IOException {
        return isFile(RESOLV_CONF) || isLinkIntoRun(RESOLV_CONF);
    }

    private boolean isLinkIntoRun(String path) throws IOException {
        return MachineMountPoints.resolveLink(image, path).startsWith("/run/");
    }

    private boolean isFile(String path) throws IOException {
        return image.status(path).filter(FileStatus::isRegularFile).isPresent();
    }

    private static Optional<String> read(DirectoryTree image, String path) throws IOException {
        Optional<OpenFile> found = image.file(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            return Optional.of(new String(file.readStart(FILE_LIMIT), StandardCharsets.UTF_8));
        }
    }
}
