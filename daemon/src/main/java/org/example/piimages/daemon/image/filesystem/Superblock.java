package org.example.piimages.daemon.image.filesystem;

import static org.example.piimages.daemon.image.disk.PartitionBytes.product;
import static org.example.piimages.daemon.image.disk.PartitionBytes.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.Guid;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The known superblocks, each recognised by its magic number and the few fields that matter here.
 *
 * <p>Offsets are those of the kernel's headers: fs/ext4/ext4.h, fs/btrfs, include/linux/f2fs_fs.h, fs/xfs/libxfs/xfs_format.h,
 * fs/squashfs/squashfs_fs.h, fs/erofs/erofs_fs.h, include/linux/swap.h, fs/exfat/exfat_raw.h, fs/ntfs3/ntfs.h.
 */
final class Superblock {

    /** Linux filesystems come first: creating one more often leaves the 55 AA of an old boot sector in place than the other way round. */
    private static final List<Function<PartitionBytes, Optional<Filesystem>>> PROBES = List.of(Superblock::luks, Superblock::lvm,
            Superblock::xfs, Superblock::squashfs, Superblock::erofs,
            Superblock::btrfs, Superblock::f2fs, Superblock::ext, Superblock::swap, Superblock::exfat, Superblock::ntfs,
            FatFilesystem::probe);

    private static final int BOOT_SECTOR_LENGTH = 512;

    /** A magic number or its beginning: the offset of a 32-bit word, and the mask of the bits that belong to it. */
    private record Magic(long offset, int mask, int value) {
        boolean isIn(PartitionBytes partition) {
            return partition.read(offset, Integer.BYTES).filter(word -> (word.getInt(0) & mask) == value).isPresent();
        }
    }

    /**
     * The magic numbers of filesystems that are not supported, and whose tools may leave the superblock of the previous one in place: UDF
     * or ISO 9660 ("BEA", "NSR"), JFS, HFS+ and HFSX, NILFS2, bcachefs; as in libblkid.
     */
    private static final List<Magic> FOREIGN = List.of(new Magic(0x8001, 0xFFFFFF, 0x414542), new Magic(0x8801, 0xFFFFFF, 0x52534E),
            new Magic(0x9001, 0xFFFFFF, 0x52534E), new Magic(0x8000, -1, 0x3153464A), new Magic(1024, 0xFFFF, 0x2B48),
            new Magic(1024, 0xFFFF, 0x5848), new Magic(1030, 0xFFFF, 0x3434), new Magic(4096 + 24, -1, 0xF67385C6));

    private Superblock() {
    }

    static Optional<Filesystem> probe(PartitionBytes partition) {
        return PROBES.stream().flatMap(probe -> probe.apply(partition).stream()).findFirst();
    }

    /** Whether there are superblocks of several filesystems, because creating one has left that of another in place. */
    static boolean isAmbiguous(PartitionBytes partition) {
        return PROBES.stream().filter(probe -> probe.apply(partition).isPresent()).limit(2).count() > 1
                || FOREIGN.stream().anyMatch(magic -> magic.isIn(partition));
    }

    private static Optional<Filesystem> ext(PartitionBytes partition) {
        return partition.read(1024, 1024).filter(block -> block.getShort(0x38) == (short) 0xEF53).flatMap(block -> {
            int blockSizeExponent = block.getInt(0x18);
            int revision = block.getInt(0x4C);
            if (blockSizeExponent < 0 || blockSizeExponent > 6 || revision < 0 || revision > 1) {
                return Optional.empty();
            }
            // Revision 0 has no feature words, and arbitrary data in their place.
            ExtFeatures features = revision == 0 ? new ExtFeatures(0, 0, 0)
                    : new ExtFeatures(block.getInt(0x5C), block.getInt(0x60), block.getInt(0x64));
            if ((features.incompatible() & ExtFeatures.INCOMPATIBLE_JOURNAL_DEVICE) != 0) {
                return Optional.empty();
            }
            long blocks = Integer.toUnsignedLong(block.getInt(0x4));
            if ((features.incompatible() & ExtFeatures.INCOMPATIBLE_64BIT) != 0) {
                blocks |= Integer.toUnsignedLong(block.getInt(0x150)) << 32;
            }
            boolean needsRecovery = (features.incompatible() & ExtFeatures.INCOMPATIBLE_RECOVER) != 0;
            return Optional.of(new Filesystem(features.type(), Guid.uuid(block, 0x68), text(block, 0x78, 16), needsRecovery,
                    product(blocks, 1024L << blockSizeExponent), Optional.of(features)));
        });
    }

    private static Optional<Filesystem> btrfs(PartitionBytes partition) {
        // The size of this device: the total in the superblock includes the other devices of the filesystem.
        return partition.read(65536, 4096).filter(block -> block.getLong(0x40) == 0x4D5F53665248425FL)
                .map(block -> of("btrfs", Guid.uuid(block, 0x20), text(block, 0x12B, 256), product(block.getLong(0xD1), 1)));
    }

    private static Optional<Filesystem> f2fs(PartitionBytes partition) {
        return partition.read(1024, 2048).filter(block -> block.getInt(0) == 0xF2F52010)
                .filter(block -> block.getInt(16) >= 9 && block.getInt(16) <= 16)
                .map(block -> of("f2fs", Guid.uuid(block, 108), utf16(block, 124, 512),
                        product(block.getLong(36), 1L << block.getInt(16))));
    }

    private static Optional<Filesystem> xfs(PartitionBytes partition) {
        return partition.read(0, BOOT_SECTOR_LENGTH).map(block -> block.order(ByteOrder.BIG_ENDIAN))
                .filter(block -> block.getInt(0) == 0x58465342 && block.getInt(4) >= 512 && block.getInt(4) <= 65536)
                .map(block -> of("xfs", Guid.uuid(block, 32), text(block, 108, 12), product(block.getLong(8), block.getInt(4))));
    }

    private static Optional<Filesystem> squashfs(PartitionBytes partition) {
        return partition.read(0, 96).filter(block -> block.getInt(0) == 0x73717368 && block.getShort(28) == 4)
                .map(block -> of("squashfs", "", "", product(block.getLong(40), 1)));
    }

    private static Optional<Filesystem> erofs(PartitionBytes partition) {
        return partition.read(1024, 128).filter(block -> block.getInt(0) == 0xE0F5E1E2 && block.get(12) >= 0 && block.get(12) <= 16)
                .map(block -> of("erofs", Guid.uuid(block, 48), text(block, 64, 16),
                        product(Integer.toUnsignedLong(block.getInt(36)), 1L << block.get(12))));
    }

    /** The header of LUKS 1 and 2 (cryptsetup's on-disk format specifications); only the second has a label. */
    private static Optional<Filesystem> luks(PartitionBytes partition) {
        return partition.read(0, BOOT_SECTOR_LENGTH).map(block -> block.order(ByteOrder.BIG_ENDIAN))
                .filter(block -> block.getInt(0) == 0x4C554B53 && block.getShort(4) == (short) 0xBABE)
                .filter(block -> block.getShort(6) == 1 || block.getShort(6) == 2)
                .map(block -> of("crypto_LUKS", text(block, 168, 40), block.getShort(6) == 2 ? text(block, 24, 48) : "", 0));
    }

    /** An LVM physical volume: its label is in one of the first four sectors (lib/label/label.h). */
    private static Optional<Filesystem> lvm(PartitionBytes partition) {
        return partition.read(0, 4 * BOOT_SECTOR_LENGTH).filter(block -> Stream.of(0, 1, 2, 3).map(sector -> sector * BOOT_SECTOR_LENGTH)
                .anyMatch(at -> block.getLong(at) == 0x454E4F4C4542414CL && block.getLong(at + 24) == 0x31303020324D564CL))
                .map(block -> of("LVM2_member", "", "", 0));
    }

    private static Optional<Filesystem> swap(PartitionBytes partition) {
        // The signature is at the end of the first page; the page size is that of the machine that created it.
        return Stream.of(4096, 8192, 16384, 65536)
                .filter(pageSize -> partition.read(pageSize - 10L, 10)
                        .filter(end -> new String(end.array(), StandardCharsets.ISO_8859_1).equals("SWAPSPACE2")).isPresent())
                .findFirst()
                .flatMap(pageSize -> partition.read(1024, 512).map(block -> of("swap", Guid.uuid(block, 12), text(block, 28, 16),
                        product(Integer.toUnsignedLong(block.getInt(4)) + 1, pageSize))));
    }

    private static Optional<Filesystem> exfat(PartitionBytes partition) {
        return partition.read(0, BOOT_SECTOR_LENGTH).filter(block -> BootSector.isExfat(block.array()))
                .filter(block -> block.get(108) >= 9 && block.get(108) <= 12)
                .map(block -> of("exfat", Guid.serial(block.getInt(100)), "", product(block.getLong(72), 1L << block.get(108))));
    }

    private static Optional<Filesystem> ntfs(PartitionBytes partition) {
        return partition.read(0, BOOT_SECTOR_LENGTH).filter(block -> BootSector.isNtfs(block.array()) && block.getShort(11) > 0)
                .map(block -> of("ntfs", String.format(Locale.ROOT, "%016X", block.getLong(72)), "",
                        product(block.getLong(40), block.getShort(11))));
    }

    private static Filesystem of(String type, String uuid, String label, long size) {
        return new Filesystem(type, uuid, label, false, size, Optional.empty());
    }

    private static String utf16(ByteBuffer block, int offset, int units) {
        StringBuilder text = new StringBuilder();
        for (int index = 0; index < units && block.getChar(offset + 2 * index) != 0; index++) {
            text.append(block.getChar(offset + 2 * index));
        }
        return text.toString();
    }
}
