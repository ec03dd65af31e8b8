package org.example.piimages.daemon.image.attachment;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.system.DirectoryState;
import org.example.piimages.daemon.image.system.Fstab;
import org.example.piimages.daemon.image.system.OsRelease;
import org.example.piimages.daemon.image.system.RootFacts;
import org.example.piimages.daemon.image.system.RootLocation;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/** Examines a mounted filesystem that may be an image's root. */
final class RootInspection {

    private static final List<String> RELEASES = List.of("/etc/os-release", "/usr/lib/os-release");
    private static final List<String> SHELLS = List.of("/bin/sh", "/usr/bin/sh");
    /** Entries that a directory for a boot partition may have and still count as empty: further mount points, and the lost+found of ext. */
    private static final Set<String> IGNORED_ENTRIES = Set.of("firmware", "efi", "lost+found");

    private final DirectoryTree tree;
    private final String directory;

    private RootInspection(DirectoryTree tree, String directory) {
        this.tree = tree;
        this.directory = directory;
    }

    /** Examines the root directory of a mount. */
    static RootFacts inspect(DirectoryTree tree, RootLocation place) throws IOException {
        return new RootInspection(tree, "").facts(place);
    }

    /** Examines a subvolume, which is a directory of the mounted filesystem. */
    static RootFacts inspect(DirectoryTree tree, String subvolume, RootLocation place) throws IOException {
        return new RootInspection(tree, "/" + subvolume).facts(place);
    }

    private RootFacts facts(RootLocation place) throws IOException {
        Optional<OsRelease> release = release();
        boolean system = release.isPresent() || hasFile(SHELLS);
        boolean files = system || tree.entries(directory + "/.").stream().anyMatch(name -> !name.equals("lost+found"));
        return new RootFacts(place, fstab(), release.orElse(OsRelease.NONE), system, files, state("/boot"), state("/boot/firmware"));
    }

    private boolean hasFile(List<String> paths) throws IOException {
        for (String path : paths) {
            if (tree.status(directory + path).filter(FileStatus::isRegularFile).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private Optional<OsRelease> release() throws IOException {
        for (String path : RELEASES) {
            Optional<byte[]> content = content(path, OsRelease.BYTE_LIMIT);
            if (content.isPresent()) {
                return content.map(OsRelease::parse);
            }
        }
        return Optional.empty();
    }

    private Fstab fstab() throws IOException {
        return content("/etc/fstab", Fstab.BYTE_LIMIT).map(Fstab::parse).orElse(Fstab.EMPTY);
    }

    private Optional<byte[]> content(String path, int limit) throws IOException {
        Optional<OpenFile> found = tree.file(directory + path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            return Optional.of(file.readStart(limit));
        }
    }

    private DirectoryState state(String path) throws IOException {
        if (tree.status(directory + path).filter(FileStatus::isDirectory).isEmpty()) {
            return DirectoryState.MISSING;
        }
        return IGNORED_ENTRIES.containsAll(tree.entries(directory + path)) ? DirectoryState.EMPTY : DirectoryState.NOT_EMPTY;
    }
}
