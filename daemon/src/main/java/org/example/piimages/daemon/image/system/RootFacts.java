package org.example.piimages.daemon.image.system;

import java.util.Objects;

/**
 * The facts about a filesystem that may be the root. Paths are resolved within it.
 *
 * @param place its location
 * @param fstab its /etc/fstab
 * @param release its os-release
 * @param system whether it looks like a system: it has an os-release or a shell
 * @param files whether it has any files
 * @param boot the state of its /boot
 * @param bootFirmware the state of its /boot/firmware
 */
public record RootFacts(RootLocation place, Fstab fstab, OsRelease release, boolean system, boolean files, DirectoryState boot,
        DirectoryState bootFirmware) {

    /** Checks that nothing is null. */
    public RootFacts {
        Objects.requireNonNull(place);
        Objects.requireNonNull(fstab);
        Objects.requireNonNull(release);
    }

    /** Whether its fstab names the filesystem itself for /. */
    boolean namesItselfAsRoot(Disk disk, SlotLinks slots) {
        return fstab.entries().stream().filter(Fstab.Entry::isRoot)
                .anyMatch(entry -> new DeviceSpecification(entry.specification(), slots).findAll(disk.volumes()).contains(place.volume())
                        && place.isNamedBy(entry.subvolume()));
    }
}
