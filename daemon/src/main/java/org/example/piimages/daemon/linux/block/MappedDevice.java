package org.example.piimages.daemon.linux.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A device mapper device over one of the daemon's loop devices, held open; linux/dm-ioctl.h.
 *
 * <p>The kernel removes it when its last user, a mount or this descriptor, releases it (DM_DEFERRED_REMOVE), and then frees the loop
 * device: like a loop device, it cannot be left behind. Only a daemon that is killed between two system calls leaves one, which
 * {@link #sweep} removes.
 */
public final class MappedDevice implements Closeable {

    private static final String CONTROL = "/dev/mapper/control";
    private static final Path DEVICES = Path.of("/sys/block");
    private static final String PREFIX = "piimages-";
    private static final long DM_DEV_CREATE = 0xC138FD03L;
    private static final long DM_DEV_REMOVE = 0xC138FD04L;
    private static final long DM_DEV_SUSPEND = 0xC138FD06L;
    private static final long DM_TABLE_LOAD = 0xC138FD09L;
    private static final int DM_READONLY_FLAG = 1;
    private static final int DM_SECURE_DATA_FLAG = 0x8000;
    private static final int DM_DEFERRED_REMOVE = 0x20000;
    /** The size of struct dm_ioctl and of struct dm_target_spec, which follows it, and the offsets of their fields. */
    private static final int DM_IOCTL_SIZE = 312;
    private static final int DM_DATA_SIZE = 12;
    private static final int DM_DATA_START = 16;
    private static final int DM_TARGET_COUNT = 20;
    private static final int DM_FLAGS = 28;
    private static final int DM_DEV = 40;
    private static final int DM_NAME = 48;
    private static final int DM_TARGET_SPEC_SIZE = 40;
    private static final int DM_TARGET_LENGTH = 8;
    private static final int DM_TARGET_TYPE = 24;

    private final String name;
    private final OpenFile file;

    private MappedDevice(String name, OpenFile file) {
        this.name = name;
        this.file = file;
    }

    /**
     * The table of a device: one target from its first sector to its last.
     *
     * @param type the type of the target, for example {@code crypt}
     * @param sectors the length in units of 512 bytes
     * @param parameters the parameters of the target, ASCII; they may contain a key
     */
    public record Target(String type, long sectors, byte[] parameters) {
    }

    /**
     * Creates a device over a loop device, which can have only one at a time.
     *
     * @throws Failure UNSUPPORTED if the kernel does not support the device mapper or the target
     */
    public static MappedDevice create(LoopDevice device, Target target, boolean readOnly) throws IOException {
        String mapping = PREFIX + device.name();
        try (Fd control = control(); Undo undo = new Undo()) {
            byte[] created = call(control, DM_DEV_CREATE, mapping, readOnly ? DM_READONLY_FLAG : 0);
            undo.add("remove " + mapping, () -> call(control, DM_DEV_REMOVE, mapping, DM_DEFERRED_REMOVE));
            load(control, mapping, target, readOnly);
            call(control, DM_DEV_SUSPEND, mapping, 0);
            String name = "dm-" + minor(created);
            OpenFile file = open(name, readOnly);
            undo.add("close " + name, file::close);
            // It is in use from here on, and is removed when it no longer is.
            call(control, DM_DEV_REMOVE, mapping, DM_DEFERRED_REMOVE);
            undo.commit();
            return new MappedDevice(name, file);
        }
    }

    private static Fd control() {
        try {
            return Lookup.trusted(CONTROL, OpenFlags.O_RDWR);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "cannot open " + CONTROL + ": " + e.reason() + (e.errno() == Errno.EPERM
                    ? "; DeviceAllow= in piimagesd.service, or the container in which this host runs, forbids it"
                    : "; the kernel module dm_mod is required; run: modprobe dm_mod"), e);
        }
    }

    private static OpenFile open(String name, boolean readOnly) {
        try {
            return new OpenFile(Lookup.trusted("/dev/" + name, readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR), !readOnly);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "cannot open /dev/" + name + ": " + e.reason() + LoopDevice.hint(name, e.errno()),
                    e);
        }
    }

    private static void load(Fd control, String mapping, Target target, boolean readOnly) throws IOException {
        int length = DM_TARGET_SPEC_SIZE + (target.parameters().length / Long.BYTES + 1) * Long.BYTES;
        ByteBuffer request = request(mapping, length, DM_SECURE_DATA_FLAG | (readOnly ? DM_READONLY_FLAG : 0));
        request.putInt(DM_TARGET_COUNT, 1);
        request.putLong(DM_IOCTL_SIZE + DM_TARGET_LENGTH, target.sectors());
        put(request, DM_IOCTL_SIZE + DM_TARGET_TYPE, target.type());
        request.put(DM_IOCTL_SIZE + DM_TARGET_SPEC_SIZE, target.parameters());
        try {
            Libc.call("ioctl", control.number(), DM_TABLE_LOAD, request.array());
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the kernel refuses the " + target.type() + " target of the device mapper: "
                    + e.reason() + "; it may lack the module dm-" + target.type() + " or a cipher; see the kernel's log", e);
        } finally {
            Arrays.fill(request.array(), (byte) 0);
        }
    }

    /** Sends a request without a target, and returns the kernel's answer. */
    private static byte[] call(Fd control, long number, String mapping, int flags) throws ErrnoException {
        byte[] request = request(mapping, 0, flags).array();
        Libc.call("ioctl", control.number(), number, request);
        return request;
    }

    private static ByteBuffer request(String mapping, int data, int flags) {
        ByteBuffer request = ByteBuffer.allocate(DM_IOCTL_SIZE + data).order(ByteOrder.nativeOrder());
        // The version of the interface, 4.0.0: the oldest one with all these features.
        request.putInt(0, 4).putInt(DM_DATA_SIZE, DM_IOCTL_SIZE + data).putInt(DM_DATA_START, DM_IOCTL_SIZE).putInt(DM_FLAGS, flags);
        put(request, DM_NAME, mapping);
        return request;
    }

    private static void put(ByteBuffer request, int at, String text) {
        request.put(at, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns the minor number of the device, which is encoded as by new_encode_dev of linux/kdev_t.h. */
    private static long minor(byte[] answer) {
        long encoded = ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder()).getLong(DM_DEV);
        return (encoded & 0xff) | ((encoded >> 12) & 0xfff00);
    }

    /** The device node. */
    public String path() {
        return "/dev/" + name;
    }

    /** The open device; it is closed with this object. */
    public OpenFile file() {
        return file;
    }

    /** Closes the descriptor; the kernel removes the device when nothing else, such as a mount, uses it. */
    @Override
    public void close() {
        file.close();
    }

    /**
     * Keeps a device of the daemon from being removed.
     *
     * @param path its node
     * @param loop the node of the loop device below it
     * @throws IOException if it no longer exists, or is another device by now
     */
    public static Closeable keepActive(String path, String loop) throws IOException {
        Fd fd = Lookup.trusted(path, OpenFlags.O_RDONLY);
        try (Undo undo = new Undo()) {
            undo.add("close " + path, fd::close);
            String name = Path.of(path).getFileName().toString();
            if (!mapping(name).equals(PREFIX + Path.of(loop).getFileName())) {
                throw new IOException(path + " is not over " + loop + " any more");
            }
            undo.commit();
            return fd;
        }
    }

    /** Whether a loop device is used only by devices of the daemon that are about to be removed because nothing mounts them. */
    static boolean isDisappearing(String loop) {
        boolean found = false;
        try (var holders = Files.newDirectoryStream(DEVICES.resolve(loop).resolve("holders"))) {
            for (Path holder : holders) {
                String name = holder.getFileName().toString();
                if (!mapping(name).startsWith(PREFIX) || LoopDevice.isMounted(name)) {
                    return false;
                }
                found = true;
            }
            return found;
        } catch (IOException | DirectoryIteratorException e) {
            return false;
        }
    }

    /** Removes the devices that a killed daemon left behind. */
    public static void sweep() throws IOException {
        List<String> stale = new ArrayList<>();
        try (var devices = Files.newDirectoryStream(DEVICES, "dm-*")) {
            for (Path device : devices) {
                String mapping = mapping(device.getFileName().toString());
                if (mapping.startsWith(PREFIX)) {
                    stale.add(mapping);
                }
            }
        }
        if (!stale.isEmpty()) {
            try (Fd control = control()) {
                for (String mapping : stale) {
                    remove(control, mapping);
                }
            }
        }
    }

    private static void remove(Fd control, String mapping) throws ErrnoException {
        try {
            call(control, DM_DEV_REMOVE, mapping, DM_DEFERRED_REMOVE);
        } catch (ErrnoException e) {
            // ENXIO: it has been removed meanwhile.
            if (e.errno() != Errno.ENXIO) {
                throw e;
            }
        }
    }

    /** The name of the mapping of a device; empty if the device no longer exists. */
    private static String mapping(String name) {
        try {
            return Files.readString(DEVICES.resolve(name).resolve("dm/name")).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
