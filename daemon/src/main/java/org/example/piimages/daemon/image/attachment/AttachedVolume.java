package org.example.piimages.daemon.image.attachment;

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
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.Mount;

/**
 * A mount of an image: a partition behind a loop device, or a bind mount of one of the image's directories.
 *
 * @param number the partition's number, as Linux numbers partitions
 * @param type its filesystem, as the kernel calls it
 * @param uuid the filesystem's UUID; empty if it has none
 * @param target its mount point in the image, {@code /} for the root
 * @param device the loop device, for example {@code /dev/loop7}
 * @param content the device-mapper device with the decrypted content; empty if the partition is not encrypted
 * @param offset the offset of the partition in the file, in bytes
 * @param length its length in bytes
 * @param options the mount options; the same for every mount of the filesystem, because the kernel keeps one superblock of it
 * @param source the directory in the image for a bind mount, for which all else but the target is empty or zero; empty for a partition
 */
public record AttachedVolume(int number, String type, String uuid, String target, String device, String content, long offset, long length,
        List<String> options, String source) {

    /** More partitions than any supported table can have: 128 of a GPT. */
    private static final int MAX_VOLUMES = 256;
    private static final int FIELDS = 5;

    public AttachedVolume {
        options = List.copyOf(options);
    }

    /** Returns a bind mount of a directory of the image at {@code target}. */
    public static AttachedVolume bind(String source, String target) {
        return new AttachedVolume(0, "", "", target, "", "", 0, 0, List.of(), source);
    }

    /** Whether this is a bind mount instead of a partition. */
    public boolean isBind() {
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
     * Returns the mount options for an untrusted filesystem.
     *
     * <p>An ext superblock can tell the kernel to panic on the first error; this is overridden. Read-only means that not a byte of the file
     * changes: a dirty journal is then left alone, and what it holds is not seen.
     */
    public static List<String> options(Filesystem filesystem, boolean readOnly) {
        List<String> options = new ArrayList<>();
        if (filesystem.type().startsWith("ext")) {
            options.add("errors=remount-ro");
        }
        if (filesystem.type().equals("xfs")) {
            // Copies of an image have the same UUID and may be mounted at the same time.
            options.add("nouuid");
        }
        // Always pass "ro" for a read-only filesystem: if only some of its mounts had it, the kernel would fail with EBUSY.
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

    /** Stores volumes in properties, from which {@link #load} reads them. */
    public static void store(List<AttachedVolume> volumes, Properties properties) {
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

    /** Reads the volumes that {@link #store} wrote. Throws IllegalArgumentException if the properties are not in that form. */
    public static List<AttachedVolume> load(Properties properties) {
        List<AttachedVolume> volumes = new ArrayList<>();
        int count = RunDirectory.requireCount(properties, "volumes", MAX_VOLUMES);
        for (int i = 0; i < count; i++) {
            String key = "volume." + i;
            String[] fields = RunDirectory.require(properties, key).split(" ", -1);
            if (fields.length != FIELDS) {
                throw new IllegalArgumentException("its entry " + key + " has " + fields.length + " fields, not " + FIELDS);
            }
            String options = RunDirectory.require(properties, key + ".options");
            volumes.add(new AttachedVolume(Integer.parseInt(fields[0]), fields[1], RunDirectory.require(properties, key + ".uuid"),
                    RunDirectory.require(properties, key + ".target"), fields[2],
                    // Absent if written by an earlier version of the daemon.
                    properties.getProperty(key + ".content", ""), Long.parseLong(fields[3]), Long.parseLong(fields[4]),
                    options.isEmpty() ? List.of() : List.of(options.split(",")), RunDirectory.require(properties, key + ".source")));
        }
        return volumes;
    }

    /**
     * Mounts it without attaching it to a path. Throws Failure as {@link Mount#of}. ext2 and ext3 are mounted as ext4: under their own
     * names the driver cannot map owners, without which no machine starts.
     */
    public Mount mount(Set<Mount.Attribute> attributes) throws IOException {
        return Mount.of(type.startsWith("ext") ? "ext4" : type, mountedDevice(), options, attributes);
    }

    /** The device that is mounted: the decrypted one if the partition is encrypted. */
    public String mountedDevice() {
        return content.isEmpty() ? device : content;
    }

    /**
     * Keeps the devices open, so that they stay attached. Empty if the mapped device is gone: its node disappears with its last user,
     * unlike that of a loop device.
     */
    public Optional<Closeable> keepAttached() throws IOException {
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
            Closeable loop = LoopDevice.keepAttached(device);
            held.add("close " + device, loop::close);
            Closeable inner = content.isEmpty() ? () -> {} : MappedDevice.keepActive(content, device);
            held.commit();
            return () -> {
                inner.close();
                loop.close();
            };
        }
    }

    public boolean isRoot() {
        return target.equals("/");
    }

    /** Throws {@link Failure} BUSY if other partitions are mounted than the selected ones: all mounts of an image use the same ones. */
    public static void requireSelected(List<AttachedVolume> volumes, PartitionSelection selection, String title) {
        boolean otherRoot = selection.root().isPresent() && selection.root().getAsInt() != volumes.get(0).number();
        boolean otherBoot = selection.boot().isPresent() && volumes.stream().noneMatch(v -> v.number() == selection.boot().getAsInt());
        if (otherRoot || otherBoot) {
            throw new Failure(Failure.Kind.BUSY, title + " is mounted with partitions other than those specified; unmount it, or terminate"
                    + " its machines first");
        }
    }
}
