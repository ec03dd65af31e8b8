package org.example.piimages.daemon.image.mount;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunDirectory;

/**
 * The record of a mounted image, stored in /run/piimages/images; everything else is queried from the kernel.
 *
 * @param id the file's identity, {@link ImageFile#identity}
 * @param file the path given by its owner
 * @param owner the user who mounted it
 * @param mountPoint the mount point of its root
 * @param readOnly whether it is never written to
 * @param idMapped whether the image's root is mapped to the owner
 * @param rule why the boot partition is where it is
 * @param since when it was mounted, microseconds since the epoch
 * @param volumes what is mounted, the root first
 * @param notes the fstab entries that were skipped, and why: one human-readable line each
 */
public record ImageRecord(String id, String file, Owner owner, Path mountPoint, boolean readOnly, boolean idMapped, MountPlan.Rule rule,
        long since, List<AttachedVolume> volumes, List<String> notes) {

    /** An upper bound on the notes of a record; no plan has as many. */
    private static final int MAX_NOTES = 256;

    public ImageRecord {
        volumes = List.copyOf(volumes);
        notes = List.copyOf(notes);
    }

    /** The file for a message. */
    public String title() {
        return Printable.path(file);
    }

    /** The mounts, for clients: number, filesystem, UUID, mount point in the image, device, offset and length in bytes. */
    public List<Object[]> partitions() {
        return volumes.stream().filter(v -> !v.isBind())
                .map(v -> new Object[] {v.number(), v.type(), v.uuid(), v.target(), v.mountedDevice(), v.offset(), v.length()})
                .toList();
    }

    /** The loop devices, each once. */
    public List<String> devices() {
        return volumes.stream().filter(volume -> !volume.isBind()).map(AttachedVolume::device).distinct().toList();
    }

    /** The device of the root filesystem. */
    public String rootDevice() {
        return volumes.get(0).device();
    }

    /** Whether any mounted partition is encrypted. */
    public boolean isEncrypted() {
        return volumes.stream().anyMatch(volume -> !volume.content().isEmpty());
    }

    /** The number of the root's partition. */
    public int rootNumber() {
        return volumes.get(0).number();
    }

    /** Returns a copy with a root of another length, in bytes. */
    public ImageRecord withRootLength(long length) {
        AttachedVolume root = volumes.get(0);
        List<AttachedVolume> changed = new ArrayList<>(volumes);
        changed.set(0, new AttachedVolume(root.number(), root.type(), root.uuid(), root.target(), root.device(),
                root.content(), root.offset(), length, root.options(), ""));
        return new ImageRecord(id, file, owner, mountPoint, readOnly, idMapped, rule, since, changed, notes);
    }

    /** Returns a copy with the volumes that were actually mounted, and with other notes. */
    public ImageRecord with(List<AttachedVolume> mounted, List<String> further) {
        return new ImageRecord(id, file, owner, mountPoint, readOnly, idMapped, rule, since, mounted, further);
    }

    public Properties toProperties() {
        Properties properties = new Properties();
        properties.setProperty("id", id);
        properties.setProperty("file", file);
        properties.setProperty("uid", Integer.toUnsignedString(owner.uid()));
        properties.setProperty("gid", Integer.toUnsignedString(owner.gid()));
        properties.setProperty("mount-point", mountPoint.toString());
        properties.setProperty("read-only", String.valueOf(readOnly));
        properties.setProperty("id-mapped", String.valueOf(idMapped));
        properties.setProperty("rule", rule.name());
        properties.setProperty("since", String.valueOf(since));
        AttachedVolume.store(volumes, properties);
        properties.setProperty("notes", String.valueOf(notes.size()));
        for (int i = 0; i < notes.size(); i++) {
            properties.setProperty("note." + i, notes.get(i));
        }
        return properties;
    }

    /** Reads a record from properties. Throws IllegalArgumentException if they are not a valid record. */
    public static ImageRecord of(Properties properties) {
        Owner owner = new Owner(Integer.parseUnsignedInt(RunDirectory.require(properties, "uid")),
                Integer.parseUnsignedInt(RunDirectory.require(properties, "gid")));
        return new ImageRecord(RunDirectory.require(properties, "id"), RunDirectory.require(properties, "file"), owner,
                Path.of(RunDirectory.require(properties, "mount-point")),
                Boolean.parseBoolean(RunDirectory.require(properties, "read-only")),
                Boolean.parseBoolean(RunDirectory.require(properties, "id-mapped")),
                MountPlan.Rule.valueOf(RunDirectory.require(properties, "rule")), Long.parseLong(RunDirectory.require(properties, "since")),
                AttachedVolume.load(properties), notes(properties));
    }

    private static List<String> notes(Properties properties) {
        int count = RunDirectory.requireCount(properties, "notes", MAX_NOTES);
        return IntStream.range(0, count).mapToObj(i -> RunDirectory.require(properties, "note." + i)).toList();
    }

    /** Returns the event with the fields of this image added. */
    public Event about(Event event) {
        return event.with("IMAGE", file).with("MOUNT_POINT", mountPoint).with("OWNER_UID", Integer.toUnsignedString(owner.uid()));
    }

    /** Returns this record. Throws {@link Failure} BUSY unless the user may use this mount in place of another one. */
    public ImageRecord requireUsable(ImageFile image, Owner user, boolean onlyReads) {
        if (owner.uid() != user.uid()) {
            throw new Failure(Failure.Kind.BUSY, image.title() + " is mounted by another user");
        }
        if (onlyReads && !readOnly) {
            throw new Failure(Failure.Kind.BUSY, image.title() + " is mounted for writing at " + mountPoint
                    + "; to mount it read-only, unmount it first");
        }
        return this;
    }
}
