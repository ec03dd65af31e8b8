package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.OpenFlags;

/**
 * A whole disk, as the kernel describes it in sysfs. It is identified by its number: whatever name was given, the file that is finally
 * opened is the kernel's own node of that number.
 *
 * @param number {@code MAJOR:MINOR}
 * @param name the kernel's name, for example {@code sdb}
 */
public record BlockDevice(String number, String name) {

    private static final Path DEVICES = Path.of("/sys/dev/block");
    private static final int SECTOR = 512;
    private static final int OPEN_ATTEMPTS = 50;
    private static final Duration OPEN_PAUSE = Duration.ofMillis(5);

    /**
     * Returns the block device that a file stands for.
     *
     * @return empty if the file is not a block device, the kernel has none of that number, or it is a partition
     */
    public static Optional<BlockDevice> of(FileStatus file) throws IOException {
        Path directory = DEVICES.resolve(file.rdev());
        if (!file.isBlockDevice() || Files.notExists(directory) || Files.exists(directory.resolve("partition"))) {
            return Optional.empty();
        }
        return Optional.of(of(file.rdev()));
    }

    private static BlockDevice of(String number) throws IOException {
        // sysfs replaces slashes in names by exclamation marks.
        return new BlockDevice(number, DEVICES.resolve(number).toRealPath().getFileName().toString().replace('!', '/'));
    }

    /** The device node. */
    public String node() {
        return "/dev/" + name;
    }

    /** The length in bytes; 0 if the reader has no card. */
    public long size() throws IOException {
        return Long.parseLong(attribute("size").orElse("0")) * SECTOR;
    }

    /** The size of a logical block, the smallest unit that can be read or written, in bytes. */
    public int sectorSize() throws IOException {
        return Integer.parseInt(attribute("queue/logical_block_size").orElse("512"));
    }

    /**
     * Whether the medium is removable: either the kernel says so, as of USB sticks and card readers, or it is an SD card in a native
     * reader, of which the kernel does not say so.
     */
    public boolean isRemovable() throws IOException {
        return attribute("removable").orElse("0").equals("1") || attribute("device/type").orElse("").equals("SD");
    }

    /** Whether it is write-protected, such as a card whose lock switch is set. */
    public boolean isReadOnly() throws IOException {
        return attribute("ro").orElse("0").equals("1");
    }

    /** The vendor's model name as the device reports it; empty if unknown. */
    public String model() throws IOException {
        return Stream.of(attribute("device/vendor"), attribute("device/model"), attribute("device/name")).flatMap(Optional::stream)
                .filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }

    /** Whether it is a physical device, unlike loop, device mapper and RAID devices, which the kernel builds on others. */
    public boolean isPhysical() {
        return Files.exists(directory(number).resolve("device"));
    }

    /** The sequence number of the medium: another medium in the same drive has another number. Since Linux 5.15, 0 before. */
    public long diskSequence() throws IOException {
        return Long.parseLong(attribute("diskseq").orElse("0"));
    }

    /** The names of the disk and its partitions, by number. */
    Map<String, String> namesByNumber() throws IOException {
        Map<String, String> members = new TreeMap<>(Map.of(number, name));
        for (Path entry : entries(directory(number))) {
            if (Files.exists(entry.resolve("partition"))) {
                members.put(Files.readString(entry.resolve("dev")).strip(), entry.getFileName().toString().replace('!', '/'));
            }
        }
        return members;
    }

    /**
     * Returns the numbers of all devices that the device of a number is built on: itself, its disk, the devices below a mapping, and so on.
     */
    static List<String> underlyingDevices(String number) throws IOException {
        List<String> found = new ArrayList<>(List.of(number));
        for (int i = 0; i < found.size(); i++) {
            Path directory = directory(found.get(i));
            List<Path> below = new ArrayList<>(entries(directory.resolve("slaves")));
            if (Files.exists(directory.resolve("partition"))) {
                below.add(directory.toRealPath().getParent());
            }
            for (Path device : below) {
                String next = Files.readString(device.resolve("dev")).strip();
                if (!found.contains(next)) {
                    found.add(next);
                }
            }
        }
        return found;
    }

    /** The names of the devices that are mapped to or assembled from a device, such as dm-0 or md1. */
    static List<String> holders(String number) throws IOException {
        return entries(directory(number).resolve("holders")).stream().map(holder -> holder.getFileName().toString()).toList();
    }

    static Path directory(String number) {
        return DEVICES.resolve(number);
    }

    private static List<Path> entries(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    private Optional<String> attribute(String file) throws IOException {
        try {
            return Optional.of(Files.readString(directory(number).resolve(file), StandardCharsets.ISO_8859_1).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Opens the disk for reading, without excluding other users. */
    public OpenFile openForReading() throws IOException {
        return open(OpenFlags.O_RDONLY);
    }

    /**
     * Opens the disk so that nothing else can mount it or open it exclusively meanwhile, bypassing the page cache; open(2), O_EXCL and
     * O_DIRECT.
     *
     * @throws IOException EBUSY if the disk or one of its partitions is mounted, used as swap space or part of another device, in any
     * namespace
     */
    public RawDevice openExclusively() throws IOException {
        return RawDevice.of(open(OpenFlags.O_RDWR | OpenFlags.O_EXCL | OpenFlags.O_DIRECT));
    }

    /**
     * Like {@link #openExclusively}, for reading only; also for a write-protected card.
     *
     * @throws IOException as {@link #openExclusively}
     */
    public RawDevice openExclusivelyForReading() throws IOException {
        return RawDevice.of(open(OpenFlags.O_RDONLY | OpenFlags.O_EXCL | OpenFlags.O_DIRECT));
    }

    /**
     * Like {@link #openExclusively}, but through the page cache, as required for using a filesystem on the disk.
     *
     * @throws IOException as {@link #openExclusively}
     */
    public OpenFile openForUse(boolean readOnly) throws IOException {
        return open((readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR) | OpenFlags.O_EXCL);
    }

    /**
     * Opens the disk for changes while it is in use, such as of the partition table while a partition is mounted; does not exclude other
     * users.
     */
    public OpenFile openForChange() throws IOException {
        return open(OpenFlags.O_RDWR);
    }

    /** Returns the disk of a number, {@code MAJOR:MINOR}; empty if it no longer exists. */
    public static Optional<BlockDevice> ofNumber(String number) throws IOException {
        try {
            return Optional.of(of(number));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private OpenFile open(int flags) throws IOException {
        OpenFile file = new OpenFile(descriptor(flags), (flags & OpenFlags.O_RDWR) != 0);
        if (file.status().isBlockDevice() && file.status().rdev().equals(number)) {
            return file;
        }
        file.close();
        throw new Failure(Failure.Kind.BUSY, node() + " is no longer the same disk; check the device and try again");
    }

    /**
     * Opens the node. Retries on EBUSY, because a program that makes the kernel reread the partition table, as udev does after a write,
     * briefly has the disk open exclusively.
     */
    private Fd descriptor(int flags) throws ErrnoException {
        for (int attempt = 1;; attempt++) {
            try {
                return Lookup.trusted(node(), flags);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY || attempt == OPEN_ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(OPEN_PAUSE.toNanos());
            }
        }
    }
}
