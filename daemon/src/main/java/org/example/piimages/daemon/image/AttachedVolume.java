package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MappedDevice;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.Mount;

/**
 * What is mounted of an image, and where in it that belongs: a partition behind a loop device, or a folder of the image once more (a bind).
 *
 * @param number the partition's number as Linux counts
 * @param type its filesystem, as the kernel calls it
 * @param uuid the filesystem's, empty where it has none
 * @param target its mount point in the image, {@code /} for the root
 * @param device the loop device, for example {@code /dev/loop7}
 * @param content where the partition is encrypted, the device over that one with what is in it; otherwise empty
 * @param offset its first byte in the file
 * @param length its length in bytes
 * @param options what the filesystem is mounted with; the same whenever it is mounted again, because the kernel has one superblock of it
 * @param source for a bind the folder in the image, and all but the target is empty or zero then; empty for a partition
 */
record AttachedVolume(int number, String type, String uuid, String target, String device, String content, long offset, long length,
        List<String> options, String source) {

    /** More partitions than any table here can name: 128 of a GPT. */
    private static final int MOST = 256;
    private static final int FIELDS = 5;

    AttachedVolume {
        options = List.copyOf(options);
    }

    /** A folder of the image that is seen a second time, at {@code target}. */
    static AttachedVolume bind(String source, String target) {
        return new AttachedVolume(0, "", "", target, "", "", 0, 0, List.of(), source);
    }

    /** Whether it is no partition. */
    boolean isBind() {
        return !source.isEmpty();
    }

    /** The mount options for a filesystem as {@link #options(Filesystem, boolean)}, and one that names a subvolume, or is empty. */
    static List<String> options(Filesystem filesystem, boolean readOnly, String subvolume) {
        List<String> options = options(filesystem, readOnly);
        if (!subvolume.isEmpty()) {
            options.add(subvolume);
        }
        return options;
    }

    /**
     * The mount options for a filesystem that nobody vouches for.
     *
     * <p>An ext superblock can ask the kernel to panic on its first error, so it is overruled. Read-only means that not a byte of the file
     * changes: a dirty journal is then left alone, and what it holds is not seen.
     */
    static List<String> options(Filesystem filesystem, boolean readOnly) {
        List<String> options = new ArrayList<>();
        if (filesystem.type().startsWith("ext")) {
            options.add("errors=remount-ro");
        }
        if (filesystem.type().equals("xfs")) {
            // Copies of an image have its UUID, and are mounted beside it.
            options.add("nouuid");
        }
        // What cannot be changed is read-only whether or not that is said; said once and not another time, the kernel calls it busy.
        if (readOnly || filesystem.isReadOnly()) {
            options.add("ro");
            switch (filesystem.type()) {
                case "ext3", "ext4" -> {
                    if (filesystem.needsRecovery()) {
                        options.add("noload");
                    }
                }
                case "xfs" -> options.add("norecovery");
                case "btrfs" -> options.add("rescue=nologreplay");
                case "f2fs" -> options.add("norecovery");
                default -> {
                }
            }
        }
        return options;
    }

    /** Writes volumes down for {@link #load}. */
    static void store(List<AttachedVolume> volumes, Properties properties) {
        properties.setProperty("volumes", String.valueOf(volumes.size()));
        for (int i = 0; i < volumes.size(); i++) {
            AttachedVolume v = volumes.get(i);
            String fields = List.of(v.number(), v.type(), v.device(), v.offset(), v.length()).stream().map(String::valueOf)
                    .collect(Collectors.joining(" "));
            properties.setProperty("volume." + i, fields);
            properties.setProperty("volume." + i + ".options", String.join(",", v.options()));
            properties.setProperty("volume." + i + ".source", v.source());
            properties.setProperty("volume." + i + ".uuid", v.uuid());
            properties.setProperty("volume." + i + ".target", v.target());
            properties.setProperty("volume." + i + ".content", v.content());
        }
    }

    /** Reads them again. Throws IllegalArgumentException for what {@link #store} did not write. */
    static List<AttachedVolume> load(Properties properties) {
        List<AttachedVolume> volumes = new ArrayList<>();
        int count = RunFolder.requireCount(properties, "volumes", MOST);
        for (int i = 0; i < count; i++) {
            String key = "volume." + i;
            String[] fields = RunFolder.require(properties, key).split(" ", -1);
            if (fields.length != FIELDS) {
                throw new IllegalArgumentException("its entry " + key + " has " + fields.length + " fields, not " + FIELDS);
            }
            String options = RunFolder.require(properties, key + ".options");
            volumes.add(new AttachedVolume(Integer.parseInt(fields[0]), fields[1], RunFolder.require(properties, key + ".uuid"),
                    RunFolder.require(properties, key + ".target"), fields[2],
                    // A daemon before this one may have written none.
                    properties.getProperty(key + ".content", ""), Long.parseLong(fields[3]), Long.parseLong(fields[4]),
                    options.isEmpty() ? List.of() : List.of(options.split(",")), RunFolder.require(properties, key + ".source")));
        }
        return volumes;
    }

    /**
     * Mounts it, attached nowhere yet. Throws Failure as {@link Mount#of}. The driver of ext4 mounts its forerunners too; asked for them by
     * their own names it cannot map owners, without which no machine starts.
     */
    Mount mount(Set<Mount.Attribute> attributes) throws IOException {
        return Mount.of(type.startsWith("ext") ? "ext4" : type, mounted(), options, attributes);
    }

    /** The device that is mounted. */
    String mounted() {
        return content.isEmpty() ? device : content;
    }

    /**
     * Holds the devices, so that they stay what they are. Empty where the device of the mapper is gone: its node goes with its last user,
     * unlike that of a loop device.
     */
    Optional<Closeable> hold() throws IOException {
        try {
            return Optional.of(holdAll());
        } catch (IOException e) {
            if (content.isEmpty()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private Closeable holdAll() throws IOException {
        try (Undo held = new Undo()) {
            Closeable loop = LoopDevice.hold(device);
            held.add("close " + device, loop::close);
            Closeable inner = content.isEmpty() ? () -> {} : MappedDevice.hold(content, device);
            held.commit();
            return () -> {
                inner.close();
                loop.close();
            };
        }
    }

    boolean isRoot() {
        return target.equals("/");
    }

    /** An image is mounted one way at a time. */
    static void requireSelected(List<AttachedVolume> volumes, PartitionSelection selection, String title) {
        boolean otherRoot = selection.root().isPresent() && selection.root().getAsInt() != volumes.get(0).number();
        boolean otherBoot = selection.boot().isPresent() && volumes.stream().noneMatch(v -> v.number() == selection.boot().getAsInt());
        if (otherRoot || otherBoot) {
            throw new Failure(Failure.Kind.BUSY, title + " is mounted with partitions other than those specified; unmount it, or terminate"
                    + " its machines first");
        }
    }
}
