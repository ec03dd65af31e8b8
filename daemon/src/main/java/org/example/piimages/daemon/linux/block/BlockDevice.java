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
 * A whole disk, as the kernel describes it in sysfs. It is known by its number: by whatever name it was reached, what is opened in the end
 * is the kernel's own node of that number.
 *
 * @param number {@code MAJOR:MINOR}
 * @param name the kernel's, for example {@code sdb}
 */
public record BlockDevice(String number, String name) {

    private static final Path NUMBERS = Path.of("/sys/dev/block");
    private static final int SECTOR = 512;
    private static final int OPEN_ATTEMPTS = 50;
    private static final Duration OPEN_PAUSE = Duration.ofMillis(5);

    /**
     * The block device that a file stands for.
     *
     * @return empty when the kernel has none of that number, or it is a partition
     */
    public static Optional<BlockDevice> of(FileStatus file) throws IOException {
        Path folder = NUMBERS.resolve(file.special());
        if (!file.isBlockDevice() || Files.notExists(folder) || Files.exists(folder.resolve("partition"))) {
            return Optional.empty();
        }
        return Optional.of(of(file.special()));
    }

    private static BlockDevice of(String number) throws IOException {
        // Slashes in a name are exclamation marks in sysfs.
        return new BlockDevice(number, NUMBERS.resolve(number).toRealPath().getFileName().toString().replace('!', '/'));
    }

    /** The device node. */
    public String node() {
        return "/dev/" + name;
    }

    /** Its length in bytes; 0 when there is no card in the reader. */
    public long size() throws IOException {
        return Long.parseLong(attribute("size").orElse("0")) * SECTOR;
    }

    /** The smallest piece it can read and write, in bytes. */
    public int sectorSize() throws IOException {
        return Integer.parseInt(attribute("queue/logical_block_size").orElse("512"));
    }

    /**
     * Whether it is made to be taken out: the medium, as the kernel knows of USB sticks and card readers; or an SD card in a reader of its
     * own, of which the kernel does not say so.
     */
    public boolean isRemovable() throws IOException {
        return attribute("removable").orElse("0").equals("1") || attribute("device/type").orElse("").equals("SD");
    }

    /** Whether it cannot be written to, as a card whose switch is on lock. */
    public boolean isReadOnly() throws IOException {
        return attribute("ro").orElse("0").equals("1");
    }

    /** What its maker calls it, in the maker's own words; empty when nobody knows. */
    public String model() throws IOException {
        return Stream.of(attribute("device/vendor"), attribute("device/model"), attribute("device/name")).flatMap(Optional::stream)
                .filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
    }

    /** Whether it is a device of its own, unlike loop, device mapper and RAID devices, which the kernel makes of others. */
    public boolean isDrive() {
        return Files.exists(folder(number).resolve("device"));
    }

    /** A number that another medium in the same place does not have; since Linux 5.15, 0 before. */
    public long sequence() throws IOException {
        return Long.parseLong(attribute("diskseq").orElse("0"));
    }

    /** The disk and its partitions: numbers to names. */
    Map<String, String> members() throws IOException {
        Map<String, String> members = new TreeMap<>(Map.of(number, name));
        for (Path entry : entries(folder(number))) {
            if (Files.exists(entry.resolve("partition"))) {
                members.put(Files.readString(entry.resolve("dev")).strip(), entry.getFileName().toString().replace('!', '/'));
            }
        }
        return members;
    }

    /** The numbers of the devices that one of some number lies on: itself, its disk, what is below a mapping, and so on. */
    static List<String> foundations(String number) throws IOException {
        List<String> found = new ArrayList<>(List.of(number));
        for (int i = 0; i < found.size(); i++) {
            Path folder = folder(found.get(i));
            List<Path> below = new ArrayList<>(entries(folder.resolve("slaves")));
            if (Files.exists(folder.resolve("partition"))) {
                below.add(folder.toRealPath().getParent());
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

    /** What the kernel has mapped or assembled out of a device: dm-0, md1. */
    static List<String> holders(String number) throws IOException {
        return entries(folder(number).resolve("holders")).stream().map(holder -> holder.getFileName().toString()).toList();
    }

    static Path folder(String number) {
        return NUMBERS.resolve(number);
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    private Optional<String> attribute(String file) throws IOException {
        try {
            return Optional.of(Files.readString(folder(number).resolve(file), StandardCharsets.ISO_8859_1).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Opens it to be looked at; whoever uses it does not mind. */
    public OpenFile openForReading() throws IOException {
        return open(OpenFlags.O_RDONLY);
    }

    /**
     * Opens it for nobody else to mount or open so meanwhile, past the kernel's cache; open(2), O_EXCL and O_DIRECT.
     *
     * @throws IOException EBUSY when it or a partition of it is mounted, is swap space or part of something larger, in whatever namespace
     */
    public RawDevice openExclusively() throws IOException {
        return RawDevice.of(open(OpenFlags.O_RDWR | OpenFlags.O_EXCL | OpenFlags.O_DIRECT));
    }

    /**
     * The same, to be read alone; a card that is write-protected as well.
     *
     * @throws IOException as {@link #openExclusively}
     */
    public RawDevice openExclusivelyForReading() throws IOException {
        return RawDevice.of(open(OpenFlags.O_RDONLY | OpenFlags.O_EXCL | OpenFlags.O_DIRECT));
    }

    /**
     * The same through the kernel's cache, as a filesystem on it is used.
     *
     * @throws IOException as {@link #openExclusively}
     */
    public OpenFile openForUse(boolean readOnly) throws IOException {
        return open((readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR) | OpenFlags.O_EXCL);
    }

    /** Opens it for a change of what is in use, such as the partition table while a partition is mounted; whoever uses it does not mind. */
    public OpenFile openForChange() throws IOException {
        return open(OpenFlags.O_RDWR);
    }

    /** The disk of a number, {@code MAJOR:MINOR}; empty when it is gone. */
    public static Optional<BlockDevice> ofNumber(String number) throws IOException {
        try {
            return Optional.of(of(number));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private OpenFile open(int flags) throws IOException {
        OpenFile file = new OpenFile(descriptor(flags), (flags & OpenFlags.O_RDWR) != 0);
        if (file.status().isBlockDevice() && file.status().special().equals(number)) {
            return file;
        }
        file.close();
        throw new Failure(Failure.Kind.BUSY, node() + " is no longer the same disk; check the device and try again");
    }

    /** Whoever lets the kernel look at the partition table, as udev does after a write, has the disk for itself for that moment. */
    private Fd descriptor(int flags) throws ErrnoException {
        for (int attempt = 1;; attempt++) {
            try {
                return Lookup.own(node(), flags);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY || attempt == OPEN_ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(OPEN_PAUSE.toNanos());
            }
        }
    }
}
