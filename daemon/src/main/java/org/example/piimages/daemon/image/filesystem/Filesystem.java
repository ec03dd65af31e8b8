package org.example.piimages.daemon.image.filesystem;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * What a superblock says about the filesystem in a partition.
 *
 * @param type as the kernel names it: ext2, ext3, ext4, btrfs, f2fs, xfs, squashfs, erofs, vfat, exfat, ntfs; or what is none, as blkid
 *     names it: swap, crypto_LUKS, LVM2_member
 * @param uuid as blkid prints it: lower-case for Linux filesystems, {@code ABCD-1234} for FAT and exFAT, sixteen digits for NTFS; empty
 *     when it has none
 * @param label empty when it has none, and for exFAT and NTFS, whose label is not read; the image's own words, not to be shown unescaped,
 *     see {@code Printable}
 * @param needsRecovery whether an ext journal holds what is not in place yet, so that even mounting read-only writes; false for the others,
 *     whose superblocks do not tell
 * @param size in bytes according to the superblock; {@link Long#MAX_VALUE} when it claims more than that
 * @param extFeatures the feature words of an ext filesystem, otherwise empty
 */
public record Filesystem(String type, String uuid, String label, boolean needsRecovery, long size, Optional<ExtFeatures> extFeatures) {

    private static final Set<String> ROOT_TYPES = Set.of("ext2", "ext3", "ext4", "btrfs", "f2fs", "xfs", "squashfs",
            "erofs");
    private static final Set<String> READ_ONLY_TYPES = Set.of("squashfs", "erofs");
    private static final String LUKS = "crypto_LUKS";
    private static final String LVM = "LVM2_member";

    /** Nothing is null, and the size is not negative. */
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
     * @return empty when there is none that is known
     * @throws Failure INVALID_IMAGE when the partition does not lie in the source, otherwise what {@link ByteSource#read} throws
     */
    public static Optional<Filesystem> probe(ByteSource source, Partition partition) {
        return Superblock.probe(new PartitionBytes(source, partition));
    }

    /** Whether a Linux system may have it as its root: it keeps owners and modes. */
    public boolean canBeRoot() {
        return ROOT_TYPES.contains(type);
    }

    /** Whether it is a FAT that the Raspberry Pi's firmware can boot from. */
    public boolean isFat() {
        return type.equals("vfat");
    }

    /** Whether it is for mounting at all; swap is not, nor is what only contains filesystems. */
    public boolean isMountable() {
        return !type.equals("swap") && !isContainer();
    }

    /** Whether it is no filesystem, but has some within that have to be unlocked or put together first. */
    public boolean isContainer() {
        return isEncrypted() || type.equals(LVM);
    }

    /** Whether a passphrase opens it. */
    public boolean isEncrypted() {
        return type.equals(LUKS);
    }

    /** Whether nothing in it can ever be changed. */
    public boolean isReadOnly() {
        return READ_ONLY_TYPES.contains(type);
    }

    /** What it is, for people. */
    public String title() {
        return switch (type) {
            case LUKS -> "an encrypted volume (LUKS)";
            case LVM -> "an LVM volume";
            default -> type;
        };
    }

    /** What helps where it cannot be mounted as it is; empty for what can. */
    public String help() {
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
