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
 * <p>It is configured with LO_FLAGS_AUTOCLEAR: the kernel frees it when the last one lets go, a mount or this descriptor. There is no state
 * in which it can be forgotten, whenever this process ends.
 */
public final class LoopDevice implements Closeable {

    private static final long LOOP_CTL_GET_FREE = 0x4C82;
    private static final long LOOP_CONFIGURE = 0x4C0A;
    private static final long BLKFLSBUF = 0x1261;
    /** An offset behind the end of whatever file. */
    private static final long NOWHERE = 1L << 62;
    /** Others take free devices too: each lost race costs one turn. */
    private static final int ATTEMPTS = 64;
    private static final Path PARTITIONS = Path.of("/proc/partitions");
    private static final Pattern NAME = Pattern.compile("loop\\d+");
    private static final LoopIdentities IDENTITIES = new LoopIdentities(LoopDevice::identity, Duration.ofSeconds(2));
    private static final String REMOVED = " (deleted)";
    private static final int LOOKS = 100;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    private final String name;
    private final Fd fd;

    private LoopDevice(String name, Fd fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Attaches a free loop device to a part of a file. What is written to one over a disk is with the disk where the kernel can do
     * that (direct I/O), not in its cache of the disk, from which it would go to the next card in the same reader.
     *
     * @param offset first byte, a multiple of 512
     * @param length bytes, greater than 0
     * @param label what losetup and sysfs-minded tools shall show for the device, cut to 63 bytes; over a disk, the card's identity
     * @throws Failure NO_LOOP_DEVICE when the kernel has none and can make none
     */
    public static LoopDevice attach(OpenFile file, long offset, long length, boolean readOnly, String label) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String name = "loop" + freeNumber();
            Fd device = open(name, readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR);
            try (Undo undo = new Undo()) {
                undo.add("close /dev/" + name, device::close);
                byte[] configuration = LoopInfo.configuration(file, offset, length, readOnly, label);
                LoopMarkers.around(name, () -> Libc.call("ioctl", device.number(), LOOP_CONFIGURE, configuration));
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
            return Lookup.own("/dev/" + name, access);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.NO_LOOP_DEVICE, "cannot open /dev/" + name + ": " + e.reason() + hint(name, e.errno()), e);
        }
    }

    /** What to do about a device that does not open. */
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
     * The path of a loop device that has this very file (by device and inode) behind it, if any. One that frees itself and that nothing
     * mounts any more is as good as gone: whoever still looks at it, as udev does for some milliseconds after each change, is given half a
     * second to close it. One that does not answer counts when its file was opened by the same name, and is not waited for.
     */
    public static Optional<String> over(OpenFile file) throws IOException {
        Optional<String> device = find(file);
        // The kernel tells nobody of a close. Each look is a look at all devices, so not too often.
        for (int look = 0; look < LOOKS && device.isPresent() && isParting(device.get()); look++) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            device = find(file);
        }
        return device;
    }

    private static boolean isParting(String device) {
        Path autoclear = Path.of("/sys/block", Path.of(device).getFileName().toString(), "loop/autoclear");
        try {
            String name = Path.of(device).getFileName().toString();
            return Files.readString(autoclear).strip().equals("1") && (!isMounted(name) || MappedDevice.isParting(name));
        } catch (IOException e) {
            // It is gone, or goes between opening and reading: ENODEV.
            return true;
        }
    }

    private static Optional<String> find(OpenFile file) throws IOException {
        List<String> names = attached();
        Map<String, String> identities = IDENTITIES.of(names.stream().map(LoopDevice::node).toList());
        String sought = file.status().identity();
        for (String name : names) {
            String identity = identities.get(node(name));
            if (identity == null ? isNamedAs(name, file) : isOf(identity, sought)) {
                return Optional.of(node(name));
            }
        }
        return Optional.empty();
    }

    /** Of a disk, whichever card it was. */
    private static boolean isOf(String identity, String sought) {
        return identity.equals(sought) || sought.startsWith(FileStatus.DISK) && identity.startsWith(sought + "_");
    }

    private static String node(String name) {
        return "/dev/" + name;
    }

    /** Whether the file behind a device has the name of this one, both as the kernel tells it. */
    private static boolean isNamedAs(String device, OpenFile file) throws IOException {
        try {
            byte[] behind = Files.readAllBytes(Path.of("/sys/block", device, "loop/backing_file"));
            return name(behind).equals(name(file.name()));
        } catch (NoSuchFileException e) {
            // It is free now.
            return false;
        }
    }

    private static String name(byte[] told) {
        String path = new String(told, StandardCharsets.ISO_8859_1).stripTrailing();
        return path.endsWith(REMOVED) ? path.substring(0, path.length() - REMOVED.length()) : path;
    }

    /** The loop devices that have something behind them: one read, where there may be hundreds of devices. Empty ones have no size. */
    private static List<String> attached() throws IOException {
        return Files.readString(PARTITIONS).lines().map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .filter(name -> NAME.matcher(name).matches()).toList();
    }

    /** Whether a loop device says that it has a file of this {@link FileStatus#identity} behind it, or a card that was named so. */
    public static boolean isOver(String path, String identity) throws IOException {
        return IDENTITIES.of(path).filter(identity::equals).isPresent();
    }

    /** Whether it says so, or says nothing at all. */
    public static boolean mayBeOver(String path, String identity) throws IOException {
        return IDENTITIES.of(path).map(identity::equals).orElse(true);
    }

    private static String identity(String path) {
        try (Fd device = Lookup.own(path, OpenFlags.O_RDONLY)) {
            return LoopInfo.of(device).identity();
        } catch (ErrnoException e) {
            // It was freed while we looked (ENXIO), or is no device of ours to judge.
            return "";
        }
    }

    /** Whether a filesystem is mounted from a device, in whatever namespace; open(2), O_EXCL. */
    static boolean isMounted(String name) {
        try {
            Lookup.own("/dev/" + name, OpenFlags.O_RDONLY | OpenFlags.O_EXCL).close();
            return false;
        } catch (ErrnoException e) {
            return e.errno() == Errno.EBUSY;
        }
    }

    /**
     * Lets a device that is in use end later in its file; LOOP_SET_STATUS64 with another lo_sizelimit.
     *
     * @param path the device node
     * @param length its new length in bytes, not less than it had
     * @throws Failure BUSY when the kernel does not do that to a mounted device: EAGAIN of old ones, where pages of it are in memory; EBUSY
     *     since "loop: don't change loop device under exclusive opener", Linux 6.19
     */
    public static void extend(String path, long length) throws IOException {
        try (Fd device = Lookup.own(path, OpenFlags.O_RDONLY)) {
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
     * Lets a device that is in use read and write nothing any more, if it is over a file or card of that identity; whatever uses it sees
     * errors. The kernel writes first what is in its cache of the device, so the disk has to be gone, or offline.
     */
    public static void cutOff(String path, String identity) throws IOException {
        try (Fd device = Lookup.own(path, OpenFlags.O_RDONLY)) {
            LoopInfo info = LoopInfo.of(device);
            if (info.identity().equals(identity)) {
                dropCache(device);
                info.withOffset(NOWHERE).set(device);
            }
        }
    }

    /** What cannot be written is gone from the cache, so that it is not written later; BLKFLSBUF. */
    private static void dropCache(Fd device) {
        try {
            Libc.call("ioctl", device.number(), BLKFLSBUF, 0);
        } catch (ErrnoException e) {
            // It could not be written, as expected.
        }
    }

    /** Keeps a configured device alive while its mounts change. Throws when it is gone. */
    public static Closeable hold(String path) throws IOException {
        return Lookup.own(path, OpenFlags.O_RDONLY);
    }

    /** The device's name, for example {@code loop7}. */
    public String name() {
        return name;
    }

    /** The device node. */
    public String path() {
        return "/dev/" + name;
    }

    /** Lets go; the kernel frees the device when nothing else, such as a mount, holds it. */
    @Override
    public void close() {
        fd.close();
        LoopMarkers.released(name);
    }
}
