package org.example.piimages.daemon.image.filesystem;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * A filesystem in a partition, as described by its superblock.
 *
 * @param type the kernel's name: ext2, ext3, ext4, btrfs, f2fs, xfs, squashfs, erofs, vfat, exfat, ntfs; or blkid's name of what is not a
 *     filesystem: swap, crypto_LUKS, LVM2_member
 * @param uuid the UUID as printed by blkid: lower-case for Linux filesystems, {@code ABCD-1234} for FAT and exFAT, sixteen digits for NTFS;
 *     the empty string if there is none
 * @param label the label; the empty string if there is none, and for exFAT and NTFS, whose label is not read; untrusted, must be escaped
 *     before it is shown, see {@code Printable}
 * @param needsRecovery whether an ext journal has to be replayed, so that even mounting read-only writes; false for other types, whose
 *     superblocks do not tell
 * @param size the size in bytes according to the superblock; {@link Long#MAX_VALUE} if it claims more than that
 * @param extFeatures the feature words of an ext filesystem, otherwise empty
 */
public record Filesystem(String type, String uuid, String label, boolean needsRecovery, long size, Optional<ExtFeatures> extFeatures) {

    private static final Set<String> ROOT_TYPES = Set.of("ext2", "ext3", "ext4", "btrfs", "f2fs", "xfs", "squashfs",
            "erofs");
    private static final Set<String> READ_ONLY_TYPES = Set.of("squashfs", "erofs");
    private static final String LUKS = "crypto_LUKS";
    private static final String LVM = "LVM2_member";

    /** Checks that nothing is null and the size is not negative. */
    public Filesystem {
        Objects.requireNonNull(type);
        Objects.requireNonNull(uuid);
        Objects.requireNonNull(label);
        Objects.requireNonNull(extFeatures);
        if (size < 0) {
            throw new IllegalArgumentException("size " + size);
        }
    }

    /**
     * Looks for a superblock.
     *
     * @return empty if there is no known one
     * @throws Failure INVALID_IMAGE if the partition does not lie in the source; otherwise as {@link ByteSource#read}
     */
    public static Optional<Filesystem> probe(ByteSource source, Partition partition) {
        return Superblock.probe(new PartitionBytes(source, partition));
    }

    /** Whether it can be the root of a Linux system: it stores owners and modes. */
    public boolean canBeRoot() {
        return ROOT_TYPES.contains(type);
    }

    /** Whether it is a FAT that the Raspberry Pi's firmware can boot from. */
    public boolean isFat() {
        return type.equals("vfat");
    }

    /** Whether it can be mounted; swap cannot, nor can a container of filesystems. */
    public boolean isMountable() {
        return !type.equals("swap") && !isContainer();
    }

    /** Whether it is a container of filesystems that have to be unlocked or assembled first. */
    public boolean isContainer() {
        return isEncrypted() || type.equals(LVM);
    }

    /** Whether a passphrase opens it. */
    public boolean isEncrypted() {
        return type.equals(LUKS);
    }

    /** Whether the type of filesystem is read-only. */
    public boolean isReadOnly() {
        return READ_ONLY_TYPES.contains(type);
    }

    /** A human-readable name of the type. */
    public String title() {
        return switch (type) {
            case LUKS -> "an encrypted volume (LUKS)";
            case LVM -> "an LVM volume";
            default -> type;
        };
    }

    /** A hint for a type that cannot be mounted directly; the empty string for others. */
    public String hint() {
        return switch (type) {
            case LUKS -> "to access an encrypted volume, specify its passphrase, for example with --passphrase-file=FILE";
            case LVM -> "to access an LVM volume, activate it as root: losetup --find --show --partscan IMAGE, vgchange --activate y";
            default -> "";
        };
    }

    /** Whether all of it lies in the partition. */
    public boolean fits(Partition partition) {
        return size <= partition.length();
    }

    /**
     * Refuses a filesystem that claims to be larger than its partition: the kernel would refuse some, and fail late and badly on others.
     *
     * @throws Failure INVALID_IMAGE
     */
    public void requireFits(Partition partition) {
        if (!fits(partition)) {
            throw new Failure(Failure.Kind.INVALID_IMAGE,
                    "the " + type + " filesystem in " + partition.title() + " has " + size + " bytes, but only "
                            + partition.length()
                            + " are available: the image seems truncated or incorrectly shrunk; copy or download it again");
        }
    }
}
