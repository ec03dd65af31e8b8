package org.example.piimages.daemon.image.mount;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records of mounted images that the daemon reads when it starts. If one is unreadable, only its image is unmounted. */
public final class ImageRecords {

    public static final Path DIRECTORY = RunDirectory.ROOT.resolve("images");

    private static final Logger LOG = LoggerFactory.getLogger(ImageRecords.class);
    /** Each image's root is two levels below: the user's number, the image's name. */
    private static final Path MOUNTS = RunDirectory.ROOT.resolve("mnt");
    private static final int MOUNT_POINT_DEPTH = 2;

    private ImageRecords() {
    }

    /** Returns the readable records; the others are set aside and logged. */
    public static List<ImageRecord> read() throws IOException {
        List<ImageRecord> records = new ArrayList<>();
        RunDirectory.removeDrafts(DIRECTORY, "");
        for (Path file : RunDirectory.entries(DIRECTORY)) {
            try {
                records.add(read(file));
            } catch (IOException | RuntimeException e) {
                LOG.error("cannot read the record {}: {}; it is kept as {}, and the image is unmounted", file, e.getMessage(),
                        RunDirectory.setAside(file));
            }
        }
        return records;
    }

    private static ImageRecord read(Path file) throws IOException {
        ImageRecord record = ImageRecord.of(RunDirectory.readRecord(file).orElseThrow());
        Path place = record.mountPoint();
        if (!record.id().equals(file.getFileName().toString()) || !place.equals(mountPointOf(place))) {
            throw new IllegalArgumentException("it describes another image or mount point");
        }
        return record;
    }

    /** Returns the mount points without a record: nobody could unmount them or mount their images again. */
    public static Set<Path> unrecordedMounts(Collection<ImageRecord> records) throws IOException {
        Set<Path> unrecorded = new LinkedHashSet<>();
        for (MountTable.Entry entry : MountTable.below(MOUNTS)) {
            unrecorded.add(mountPointOf(entry.target()));
        }
        unrecorded.removeAll(records.stream().map(ImageRecord::mountPoint).collect(Collectors.toSet()));
        unrecorded.remove(null);
        return unrecorded;
    }

    /**
     * Returns the directories to be removed if empty: mount points without a record, which a daemon that died may have left, and users'
     * directories.
     */
    public static List<Path> unrecordedDirectories(Collection<ImageRecord> records) throws IOException {
        List<Path> directories = new ArrayList<>();
        for (Path user : RunDirectory.entries(MOUNTS)) {
            directories.addAll(RunDirectory.entries(user));
            directories.add(user);
        }
        directories.removeAll(records.stream().map(ImageRecord::mountPoint).toList());
        return directories;
    }

    /** Returns the mount point of the image to which a path belongs; null if the path is outside of any mount point. */
    private static Path mountPointOf(Path path) {
        Path plain = path.normalize();
        int depth = MOUNTS.getNameCount() + MOUNT_POINT_DEPTH;
        return plain.startsWith(MOUNTS) && plain.getNameCount() >= depth ? plain.getRoot().resolve(plain.subpath(0, depth)) : null;
    }
}
