package org.example.piimages.daemon.linux.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A loop device over a part of a file, held open; loop(4).
 *
 * <p>It is configured with LO_FLAGS_AUTOCLEAR: the kernel frees it when its last user, a mount or this descriptor, releases it. It
 * therefore cannot be left behind, whenever this process ends.
 */
public final class LoopDevice implements Closeable {

    private static final long LOOP_CTL_GET_FREE = 0x4C82;
    private static final long LOOP_CONFIGURE = 0x4C0A;
    private static final long BLKFLSBUF = 0x1261;
    /** An offset beyond the end of any file. */
    private static final long BEYOND_ANY_FILE = 1L << 62;
    /** The number of attempts to get a free device: each race lost against another program costs one. */
    private static final int ATTEMPTS = 64;
    private static final Path PARTITIONS = Path.of("/proc/partitions");
    private static final Pattern NAME = Pattern.compile("loop\\d+");
    private static final LoopIdentities IDENTITIES = new LoopIdentities(LoopDevice::identity, Duration.ofSeconds(2));
    private static final String REMOVED = " (deleted)";
    private static final int CHECKS = 100;
    private static final Duration CHECK_PAUSE = Duration.ofMillis(5);

    private final String name;
    private final Fd fd;

    private LoopDevice(String name, Fd fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Attaches a free loop device to a part of a file. Data written to a loop device over a disk goes directly to the disk if the kernel
     * supports that (direct I/O), rather than to the disk's page cache, from which it would be written to the next card in the same reader.
     *
     * @param offset first byte, a multiple of 512
     * @param length bytes, greater than 0
     * @param label the name that losetup shows for the device, cut to 63 bytes; over a disk, the card's identity
     * @throws Failure NO_LOOP_DEVICE if the kernel has no free device and cannot create one, or the device cannot be opened
     */
    public static LoopDevice attach(OpenFile file, long offset, long length, boolean readOnly, String label) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String name = "loop" + freeNumber();
            Fd device = open(name, readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR);
            try (Undo undo = new Undo()) {
                undo.add("close /dev/" + name, device::close);
                byte[] configuration = LoopInfo.configuration(file, offset, length, readOnly, label);
                LoopMarkers.attach(name, () -> Libc.call("ioctl", device.number(), LOOP_CONFIGURE, configuration));
                undo.commit();
                return new LoopDevice(name, device);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY) {
                    throw e;
                }
            }
        }
        throw new Failure(Failure.Kind.NO_LOOP_DEVICE, "all free loop devices were taken by other programs; try again");
    }

    private static int freeNumber() {
        try (Fd control = open("loop-control", OpenFlags.O_RDWR)) {
            return Libc.call("ioctl", control.number(), LOOP_CTL_GET_FREE);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.NO_LOOP_DEVICE,
                    "cannot allocate a loop device: " + e.getMessage() + "; to list those in use: losetup --list", e);
        }
    }

    private static Fd open(String name, int access) {
        try {
            return Lookup.trusted("/dev/" + name, access);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.NO_LOOP_DEVICE, "cannot open /dev/" + name + ": " + e.reason() + hint(name, e.errno()), e);
        }
    }

    /** The hint for a device that cannot be opened; empty if there is none. */
    static String hint(String name, int errno) {
        return switch (errno) {
            case Errno.EPERM -> "; DeviceAllow= in piimagesd.service, or the container in which this host runs, forbids it";
            case Errno.ENOENT, Errno.ENXIO, Errno.ENODEV -> name.equals("loop-control")
                    ? "; the kernel module loop is not loaded; run: modprobe loop"
                    : "; the kernel has created the device, but its node is missing, as in a container without its own /dev";
            default -> "";
        };
    }

    /**
     * Returns the path of a loop device whose backing file is this very file (by device and inode), if any. A device with autoclear that is
     * no longer mounted is about to disappear: programs that still have it open, as udev does for some milliseconds after each change, get
     * half a second to close it. A device that does not respond is compared by the name of its file, and is not waited for.
     */
    public static Optional<String> find(OpenFile file) throws IOException {
        Optional<String> device = findOnce(file);
        // The kernel does not announce a close. Each check reads the state of all devices, so it is not repeated too often.
        for (int check = 0; check < CHECKS && device.isPresent() && isDisappearing(device.get()); check++) {
            LockSupport.parkNanos(CHECK_PAUSE.toNanos());
            device = findOnce(file);
        }
        return device;
    }

    private static boolean isDisappearing(String device) {
        Path autoclear = Path.of("/sys/block", Path.of(device).getFileName().toString(), "loop/autoclear");
        try {
            String name = Path.of(device).getFileName().toString();
            return Files.readString(autoclear).strip().equals("1") && (!isMounted(name) || MappedDevice.isDisappearing(name));
        } catch (IOException e) {
            // It has been freed, possibly between opening and reading the file: ENODEV.
            return true;
        }
    }

    private static Optional<String> findOnce(OpenFile file) throws IOException {
        List<String> names = attached();
        Map<String, String> identities = IDENTITIES.of(names.stream().map(LoopDevice::node).toList());
        String expected = file.status().identity();
        for (String name : names) {
            String identity = identities.get(node(name));
            if (identity == null ? isNamedAs(name, file) : isOf(identity, expected)) {
                return Optional.of(node(name));
            }
        }
        return Optional.empty();
    }

    /** Whether an identity is the wanted one; for a wanted disk, any card in it matches. */
    private static boolean isOf(String identity, String expected) {
        return identity.equals(expected) || expected.startsWith(FileStatus.DISK) && identity.startsWith(expected + "_");
    }

    private static String node(String name) {
        return "/dev/" + name;
    }

    /** Whether the backing file of a device has the same name as this file, both as reported by the kernel. */
    private static boolean isNamedAs(String device, OpenFile file) throws IOException {
        try {
            byte[] backingFile = Files.readAllBytes(Path.of("/sys/block", device, "loop/backing_file"));
            return name(backingFile).equals(name(file.pathBytes()));
        } catch (NoSuchFileException e) {
            // The device has been freed.
            return false;
        }
    }

    private static String name(byte[] bytes) {
        String path = new String(bytes, StandardCharsets.ISO_8859_1).stripTrailing();
        return path.endsWith(REMOVED) ? path.substring(0, path.length() - REMOVED.length()) : path;
    }

    /**
     * The names of the loop devices in use. One read, although there may be hundreds of devices: free devices have no size and are not
     * listed.
     */
    private static List<String> attached() throws IOException {
        return Files.readString(PARTITIONS).lines().map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .filter(name -> NAME.matcher(name).matches()).toList();
    }

    /**
     * Whether a loop device reports a backing file with this {@link FileStatus#identity}, or a card that is named so; false if it does not
     * respond.
     */
    public static boolean isBackedBy(String path, String identity) throws IOException {
        return IDENTITIES.of(path).filter(identity::equals).isPresent();
    }

    /** Like {@link #isBackedBy}, but true if the device does not respond. */
    public static boolean mayBeBackedBy(String path, String identity) throws IOException {
        return IDENTITIES.of(path).map(identity::equals).orElse(true);
    }

    private static String identity(String path) {
        try (Fd device = Lookup.trusted(path, OpenFlags.O_RDONLY)) {
            return LoopInfo.of(device).identity();
        } catch (ErrnoException e) {
            // It was freed meanwhile (ENXIO), or is not a device of the daemon.
            return "";
        }
    }

    /** Whether a filesystem is mounted from a device, in whatever namespace; open(2), O_EXCL. */
    static boolean isMounted(String name) {
        try {
            Lookup.trusted("/dev/" + name, OpenFlags.O_RDONLY | OpenFlags.O_EXCL).close();
            return false;
        } catch (ErrnoException e) {
            return e.errno() == Errno.EBUSY;
        }
    }

    /**
     * Extends a device that is in use; LOOP_SET_STATUS64 with another lo_sizelimit.
     *
     * @param path the device node
     * @param length the new length in bytes, not less than the old one
     * @throws Failure BUSY if the kernel refuses to do that to a mounted device: old kernels return EAGAIN if pages of it are cached; EBUSY
     * since "loop: don't change loop device under exclusive opener", Linux 6.19
     */
    public static void extend(String path, long length) throws IOException {
        try (Fd device = Lookup.trusted(path, OpenFlags.O_RDONLY)) {
            LoopInfo.of(device).withLength(length).set(device);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EBUSY) {
                throw new Failure(Failure.Kind.BUSY, "this kernel cannot extend " + path + " while it is mounted; unmount the image first",
                        e);
            }
            throw e;
        }
    }

    /**
     * Cuts a device that is in use off from its backing file or card, if that has the given identity: all further reads and writes fail.
     * The kernel first writes its cache of the device, so the disk must be gone or offline.
     */
    public static void detachBackingFile(String path, String identity) throws IOException {
        try (Fd device = Lookup.trusted(path, OpenFlags.O_RDONLY)) {
            LoopInfo info = LoopInfo.of(device);
            if (info.identity().equals(identity)) {
                dropCache(device);
                info.withOffset(BEYOND_ANY_FILE).set(device);
            }
        }
    }

    /** Drops the cache of the device, including data that cannot be written, so that it is not written later; BLKFLSBUF. */
    private static void dropCache(Fd device) {
        try {
            Libc.call("ioctl", device.number(), BLKFLSBUF, 0);
        } catch (ErrnoException e) {
            // The data could not be written, as expected.
        }
    }

    /** Keeps a configured device while its mounts change. Throws if it no longer exists. */
    public static Closeable keepAttached(String path) throws IOException {
        return Lookup.trusted(path, OpenFlags.O_RDONLY);
    }

    /** The device's name, for example {@code loop7}. */
    public String name() {
        return name;
    }

    /** The device node. */
    public String path() {
        return "/dev/" + name;
    }

    /** Closes the descriptor; the kernel frees the device when nothing else, such as a mount, uses it. */
    @Override
    public void close() {
        fd.close();
        LoopMarkers.released(name);
    }
}
