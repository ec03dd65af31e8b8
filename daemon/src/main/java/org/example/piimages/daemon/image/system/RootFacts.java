package org.example.piimages.daemon.image.system;

import java.util.Objects;

/**
 * What a look into a filesystem found. Whoever looks resolves paths within it.
 *
 * @param place where it is
 * @param fstab its /etc/fstab
 * @param release its os-release
 * @param system whether it looks like a system: it has an os-release or a shell
 * @param files whether it has any files
 * @param boot its /boot
 * @param bootFirmware its /boot/firmware
 */
public record RootFacts(RootPlace place, Fstab fstab, OsRelease release, boolean system, boolean files, FolderState boot,
        FolderState bootFirmware) {

    /** Nothing is null. */
    public RootFacts {
        Objects.requireNonNull(place);
        Objects.requireNonNull(fstab);
        Objects.requireNonNull(release);
    }

    /** Whether its own fstab says that it is what belongs on /. */
    boolean namesItself(Disk disk, Slots slots) {
        return fstab.entries().stream().filter(Fstab.Entry::isRoot)
                .anyMatch(entry -> new DeviceSpecification(entry.specification(), slots).findAll(disk.volumes()).contains(place.volume())
                        && place.isNamedBy(entry.subvolume()));
    }
}
