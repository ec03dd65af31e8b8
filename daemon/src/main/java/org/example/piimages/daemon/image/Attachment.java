package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.image.disk.Volume;
import org.example.piimages.daemon.image.system.BootFacts;
import org.example.piimages.daemon.image.system.Fstab;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.image.system.OsRelease;
import org.example.piimages.daemon.linux.LoopDevice;
import org.example.piimages.daemon.linux.Mount;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.Tree;

/**
 * An image that is being attached: its partitions found, behind loop devices, its root mounted where no path leads to it. Closing it lets
 * go of the loop devices, which then live as long as their mounts do.
 */
final class Attachment implements Closeable {

    private static final int OS_RELEASE_LIMIT = 64 * 1024;

    private final ImageFile file;
    private final boolean readOnly;
    private final List<LoopDevice> devices = new ArrayList<>();
    private final List<AttachedVolume> volumes = new ArrayList<>();
    private Mount root;
    private MountPlan.Rule rule = MountPlan.Rule.NONE;
    private List<String> notes = List.of();

    private Attachment(ImageFile file, boolean readOnly) {
        this.file = file;
        this.readOnly = readOnly;
    }

    /**
     * Reads the image's table and its fstab, and attaches what is to be mounted.
     *
     * @param withBoot whether partitions besides the root are wanted
     * @param attributes of the root's mount
     */
    static Attachment of(ImageFile file, boolean readOnly, boolean withBoot, Set<Mount.Attribute> attributes) throws IOException {
        Attachment attachment = new Attachment(file, readOnly);
        boolean complete = false;
        try {
            attachment.attach(withBoot, attributes);
            complete = true;
            return attachment;
        } finally {
            if (!complete) {
                attachment.close();
            }
        }
    }

    private void attach(boolean withBoot, Set<Mount.Attribute> attributes) throws IOException {
        List<Volume> all = Volume.probe(file, PartitionTable.read(file));
        Volume rootVolume = attachRoot(MountPlan.rootCandidates(all), attributes);
        if (withBoot) {
            MountPlan plan = MountPlan.of(all, rootVolume, readFstab(), readFacts());
            rule = plan.rule();
            notes = plan.notes();
            for (MountPlan.Mount mount : plan.mounts()) {
                mount.filesystem().requireFits(mount.partition());
                volumes.add(attach(mount.partition(), mount.filesystem(), mount.target()));
            }
        }
    }

    /** The first candidate that looks like a system is the root; where none does, the first. */
    private Volume attachRoot(List<Volume> candidates, Set<Mount.Attribute> attributes) throws IOException {
        for (Volume candidate : candidates) {
            mountRoot(candidate, attributes);
            if (candidates.size() == 1 || root.tree().hasEntry("/etc") || root.tree().hasEntry("/usr")) {
                return candidate;
            }
            dropRoot();
        }
        mountRoot(candidates.get(0), attributes);
        return candidates.get(0);
    }

    private void mountRoot(Volume volume, Set<Mount.Attribute> attributes) throws IOException {
        Filesystem filesystem = volume.filesystem().orElseThrow();
        filesystem.requireFits(volume.partition());
        AttachedVolume attached = attach(volume.partition(), filesystem, "/");
        root = attached.mount(attributes);
        volumes.add(attached);
    }

    private void dropRoot() {
        root.close();
        volumes.clear();
        devices.forEach(LoopDevice::close);
        devices.clear();
    }

    private AttachedVolume attach(Partition partition, Filesystem filesystem, String target) throws IOException {
        LoopDevice device = LoopDevice.attach(file.file(), partition.start(), partition.length(), readOnly, file.path());
        devices.add(device);
        return new AttachedVolume(partition.number(), filesystem.type(), filesystem.uuid(), target, device.path(), partition.start(),
                partition.length(), AttachedVolume.options(filesystem, readOnly));
    }

    private Fstab readFstab() throws IOException {
        Optional<OpenFile> found = root.tree().file("/etc/fstab");
        if (found.isEmpty()) {
            return Fstab.EMPTY;
        }
        try (OpenFile fstab = found.get()) {
            return Fstab.parse(fstab.readStart(Fstab.BYTE_LIMIT));
        }
    }

    private BootFacts readFacts() throws IOException {
        Tree tree = root.tree();
        String codename = "";
        Optional<OpenFile> found = tree.file("/etc/os-release");
        if (found.isPresent()) {
            try (OpenFile release = found.get()) {
                codename = OsRelease.parse(release.readStart(OS_RELEASE_LIMIT)).versionCodename();
            }
        }
        return new BootFacts(isFolder(tree, "/boot"), isFolder(tree, "/boot/firmware"), codename);
    }

    private static boolean isFolder(Tree tree, String path) throws IOException {
        return tree.status(path).filter(status -> status.isDirectory()).isPresent();
    }

    /** The root's mount, attached nowhere yet. */
    Mount root() {
        return root;
    }

    /** The root first, then parents before children. */
    List<AttachedVolume> volumes() {
        return List.copyOf(volumes);
    }

    /** Why the boot partition is where it is. */
    MountPlan.Rule rule() {
        return rule;
    }

    /** What of the fstab was passed over, and why; a line for people each. */
    List<String> notes() {
        return notes;
    }

    @Override
    public void close() {
        if (root != null) {
            root.close();
        }
        devices.forEach(LoopDevice::close);
    }
}
