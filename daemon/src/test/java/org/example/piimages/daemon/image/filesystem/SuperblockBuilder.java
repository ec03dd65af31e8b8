package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Builds the beginning of a filesystem, as far as it is examined. */
public final class SuperblockBuilder {

    public static final String UUID_TEXT = "01234567-89ab-cdef-0123-456789abcdef";

    private final ByteBuffer bytes;

    private SuperblockBuilder(int length) {
        bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static SuperblockBuilder ext4(long blocks, String label) {
        return new SuperblockBuilder(2048).shortAt(1024 + 0x38, 0xEF53).intAt(1024 + 4, (int) blocks).intAt(1024 + 0x18, 2)
                .intAt(1024 + 0x4C, 1).intAt(1024 + 0x5C, 0x3C).intAt(1024 + 0x60, 0x2C2).intAt(1024 + 0x64, 0x46B)
                .intAt(1024 + 0x150, (int) (blocks >>> 32)).uuidAt(1024 + 0x68).textAt(1024 + 0x78, label);
    }

    public static SuperblockBuilder fat32(int totalSectors, String bootLabel) {
        return new SuperblockBuilder(64 * 512).intAt(0, 0x9058EB).textAt(3, "mkfs.fat").shortAt(11, 512).byteAt(13, 1).shortAt(14, 32)
                .byteAt(16, 2).byteAt(21, 0xF8).intAt(32, totalSectors).intAt(36, 8).intAt(44, 2).byteAt(66, 0x29)
                .intAt(67, 0xABCD1234).textAt(71, bootLabel).textAt(82, "FAT32   ").shortAt(510, 0xAA55);
    }

    /** Adds the volume's entry to the root directory, which {@link #fat32} has in sector 48. */
    public SuperblockBuilder fatVolumeEntry(String label) {
        return textAt(48 * 512, label).byteAt(48 * 512 + 11, 0x08);
    }

    public static SuperblockBuilder fat16(int totalSectors, String bootLabel) {
        return new SuperblockBuilder(512).intAt(0, 0x903CEB).shortAt(11, 512).byteAt(13, 4).shortAt(14, 1).byteAt(16, 2).shortAt(17, 512)
                .shortAt(19, totalSectors).byteAt(21, 0xF8).shortAt(22, 4).byteAt(38, 0x29).intAt(39, 0x0000BEEF)
                .textAt(43, bootLabel).shortAt(510, 0xAA55);
    }

    public static SuperblockBuilder btrfs(long size, String label) {
        return new SuperblockBuilder(65536 + 4096).textAt(65536 + 0x40, "_BHRfS_M").uuidAt(65536 + 0x20).longAt(65536 + 0xD1, size)
                .textAt(65536 + 0x12B, label);
    }

    public static SuperblockBuilder f2fs(long blocks, String label) {
        SuperblockBuilder block = new SuperblockBuilder(4096).intAt(1024, 0xF2F52010).intAt(1024 + 16, 12).longAt(1024 + 36, blocks)
                .uuidAt(1024 + 108);
        block.bytes.put(1024 + 124, label.getBytes(StandardCharsets.UTF_16LE));
        return block;
    }

    public static SuperblockBuilder xfs(long blocks, String label) {
        SuperblockBuilder block = new SuperblockBuilder(512).textAt(0, "XFSB").uuidAt(32).textAt(108, label);
        block.bytes.order(ByteOrder.BIG_ENDIAN).putInt(4, 4096).putLong(8, blocks).order(ByteOrder.LITTLE_ENDIAN);
        return block;
    }

    public static SuperblockBuilder squashfs(long size) {
        return new SuperblockBuilder(512).textAt(0, "hsqs").shortAt(28, 4).longAt(40, size);
    }

    public static SuperblockBuilder erofs(int blocks, String label) {
        return new SuperblockBuilder(2048).intAt(1024, 0xE0F5E1E2).byteAt(1024 + 12, 12).intAt(1024 + 36, blocks).uuidAt(1024 + 48)
                .textAt(1024 + 64, label);
    }

    public static SuperblockBuilder luks(int version, String label) {
        return new SuperblockBuilder(512).textAt(0, "LUKS").byteAt(4, 0xBA).byteAt(5, 0xBE).byteAt(7, version).textAt(24, label)
                .textAt(168, UUID_TEXT);
    }

    /** Puts the label in the second sector, as lvm does. */
    public static SuperblockBuilder lvm() {
        return new SuperblockBuilder(2048).textAt(512, "LABELONE").textAt(536, "LVM2 001");
    }

    public static SuperblockBuilder swap(int pageSize, int lastPage, String label) {
        return new SuperblockBuilder(pageSize).intAt(1024, 1).intAt(1028, lastPage).uuidAt(1036).textAt(1052, label)
                .textAt(pageSize - 10, "SWAPSPACE2");
    }

    public static SuperblockBuilder exfat(long sectors) {
        return new SuperblockBuilder(512).textAt(3, "EXFAT   ").longAt(72, sectors).intAt(100, 0x12345678).byteAt(108, 9)
                .shortAt(510, 0xAA55);
    }

    public static SuperblockBuilder ntfs(long sectors) {
        return new SuperblockBuilder(512).textAt(3, "NTFS    ").shortAt(11, 512).longAt(40, sectors).longAt(72, 0x123456789ABCDEFL)
                .shortAt(510, 0xAA55);
    }

    public SuperblockBuilder byteAt(int offset, int value) {
        bytes.put(offset, (byte) value);
        return this;
    }

    public SuperblockBuilder shortAt(int offset, int value) {
        bytes.putShort(offset, (short) value);
        return this;
    }

    public SuperblockBuilder intAt(int offset, int value) {
        bytes.putInt(offset, value);
        return this;
    }

    public SuperblockBuilder longAt(int offset, long value) {
        bytes.putLong(offset, value);
        return this;
    }

    public SuperblockBuilder textAt(int offset, String text) {
        bytes.put(offset, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private SuperblockBuilder uuidAt(int offset) {
        UUID uuid = UUID.fromString(UUID_TEXT);
        bytes.duplicate().order(ByteOrder.BIG_ENDIAN).putLong(offset, uuid.getMostSignificantBits())
                .putLong(offset + 8, uuid.getLeastSignificantBits());
        return this;
    }

    public byte[] bytes() {
        return bytes.array().clone();
    }
}
