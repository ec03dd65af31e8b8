package org.example.piimages.daemon.image.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The first sector of the filesystems of DOS and Windows. It ends in 55 AA like a partition table, so code that looks for a table
 * has to check for these first, as the kernel and libblkid do.
 */
public final class BootSector {

    private static final Set<Integer> SECTOR_SIZES = Set.of(512, 1024, 2048, 4096);

    private BootSector() {
    }

    /** Whether the sector belongs to FAT, exFAT or NTFS; {@code sector} holds 512 bytes. */
    public static boolean isFilesystem(byte[] sector) {
        return isFat(sector) || isExfat(sector) || isNtfs(sector);
    }

    public static boolean isExfat(byte[] sector) {
        return isSigned(sector) && systemName(sector).equals("EXFAT   ");
    }

    public static boolean isNtfs(byte[] sector) {
        return isSigned(sector) && systemName(sector).equals("NTFS    ");
    }

    /** Whether the BIOS parameter block makes sense for FAT12, FAT16 or FAT32 (Microsoft FAT specification 1.03, section 3). */
    public static boolean isFat(byte[] sector) {
        ByteBuffer bytes = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN);
        int jump = bytes.get(0) & 0xFF;
        int sectorsPerCluster = bytes.get(13) & 0xFF;
        int tables = bytes.get(16);
        int media = bytes.get(21) & 0xFF;
        return isSigned(sector) && (jump == 0xEB || jump == 0xE9)
                && SECTOR_SIZES.contains(Short.toUnsignedInt(bytes.getShort(11)))
                && Integer.bitCount(sectorsPerCluster) == 1
                && bytes.getShort(14) != 0
                && (tables == 1 || tables == 2)
                && (media == 0xF0 || media >= 0xF8)
                && (bytes.getShort(19) != 0 || bytes.getInt(32) != 0)
                && (bytes.getShort(22) != 0 || bytes.getInt(36) != 0);
    }

    /** Whether a sector ends in 55 AA; it has 512 bytes, or is the first of more. */
    public static boolean isSigned(byte[] sector) {
        return sector[510] == 0x55 && sector[511] == (byte) 0xAA;
    }

    private static String systemName(byte[] sector) {
        return new String(sector, 3, 8, StandardCharsets.ISO_8859_1);
    }
}
