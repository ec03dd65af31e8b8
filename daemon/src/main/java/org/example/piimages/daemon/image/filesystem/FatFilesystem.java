package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.Guid;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/** FAT12, FAT16 and FAT32, which Linux mounts as vfat (Microsoft FAT specification 1.03). */
final class FatFilesystem {

    /** The most that is searched of the root directory for the label, in bytes; in practice it is among the first entries. */
    private static final int DIRECTORY_LIMIT = 16 * 1024;
    private static final int ENTRY_SIZE = 32;
    private static final int NAME_LENGTH = 11;
    private static final int ATTRIBUTE_VOLUME = 0x08;
    /** The attributes of an entry that holds a piece of a long name. */
    private static final int ATTRIBUTES_LONG_NAME = 0x0F;
    private static final int NAME_DELETED = 0xE5;
    /** The label that tools write into the boot sector if there is none. */
    private static final String NO_NAME = "NO NAME";

    private final PartitionBytes partition;
    private final ByteBuffer sector;
    private final int sectorSize;
    private final boolean fat32;

    private FatFilesystem(PartitionBytes partition, ByteBuffer sector) {
        this.partition = partition;
        this.sector = sector;
        this.sectorSize = Short.toUnsignedInt(sector.getShort(11));
        // On FAT32 the 16-bit field for the length of the table is zero; a 32-bit one replaces it.
        this.fat32 = sector.getShort(22) == 0;
    }

    static Optional<Filesystem> probe(PartitionBytes partition) {
        return partition.read(0, 512).filter(sector -> BootSector.isFat(sector.array()))
                .map(sector -> new FatFilesystem(partition, sector).describe());
    }

    private Filesystem describe() {
        int sectors = Short.toUnsignedInt(sector.getShort(19));
        long total = sectors != 0 ? sectors : Integer.toUnsignedLong(sector.getInt(32));
        return new Filesystem("vfat", Guid.serial(sector.getInt(fat32 ? 67 : 39)), label(), false, total * sectorSize, Optional.empty());
    }

    /** Returns the label entry of the root directory, as blkid does, or else the label in the boot sector. */
    private String label() {
        return rootDirectory().flatMap(FatFilesystem::volumeEntry).orElseGet(() -> {
            int extendedSignature = sector.get(fat32 ? 66 : 38) & 0xFF;
            String label = extendedSignature == 0x29 ? name(sector, fat32 ? 71 : 43) : "";
            return label.equals(NO_NAME) ? "" : label;
        });
    }

    private Optional<ByteBuffer> rootDirectory() {
        long tableLength = fat32 ? Integer.toUnsignedLong(sector.getInt(36)) : Short.toUnsignedInt(sector.getShort(22));
        long afterTables = (Short.toUnsignedInt(sector.getShort(14)) + sector.get(16) * tableLength) * sectorSize;
        if (!fat32) {
            int length = Short.toUnsignedInt(sector.getShort(17)) * ENTRY_SIZE;
            return partition.read(afterTables, Math.min(length, DIRECTORY_LIMIT));
        }
        long clusterSize = (long) (sector.get(13) & 0xFF) * sectorSize;
        long cluster = Integer.toUnsignedLong(sector.getInt(44));
        return cluster < 2 ? Optional.empty()
                : partition.read(afterTables + (cluster - 2) * clusterSize, (int) Math.min(clusterSize, DIRECTORY_LIMIT));
    }

    private static Optional<String> volumeEntry(ByteBuffer directory) {
        for (int at = 0; at + ENTRY_SIZE <= directory.capacity() && directory.get(at) != 0; at += ENTRY_SIZE) {
            int attributes = directory.get(at + NAME_LENGTH) & 0x3F;
            boolean volume = (attributes & ATTRIBUTE_VOLUME) != 0 && attributes != ATTRIBUTES_LONG_NAME;
            if (volume && (directory.get(at) & 0xFF) != NAME_DELETED) {
                return Optional.of(name(directory, at));
            }
        }
        return Optional.empty();
    }

    private static String name(ByteBuffer bytes, int at) {
        return new String(bytes.array(), at, NAME_LENGTH, StandardCharsets.UTF_8).stripTrailing();
    }
}
