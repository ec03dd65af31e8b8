package org.example.piimages.daemon.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes master and extended boot records, right or wrong ones; everything counts in sectors. */
final class MbrBuilder {

    static final int LINUX = 0x83;
    static final int FAT32_LBA = 0x0C;
    static final int EXTENDED = 0x0F;
    static final int PROTECTIVE = 0xEE;

    private final ByteBuffer image;

    MbrBuilder(int sectors) {
        image = ByteBuffer.allocate(sectors * 512).order(ByteOrder.LITTLE_ENDIAN);
        sign(0);
    }

    MbrBuilder diskId(int diskId) {
        image.putInt(440, diskId);
        return this;
    }

    MbrBuilder sign(int sector) {
        image.putShort(sector * 512 + 510, (short) 0xAA55);
        return this;
    }

    MbrBuilder primary(int number, int type, long start, long length) {
        return entry(0, number - 1, type, start, length);
    }

    MbrBuilder active(int number) {
        image.put(446 + 16 * (number - 1), (byte) 0x80);
        return this;
    }

    /** A link of a chain: its logical partition counts from the link, the next link from the extended partition; 0 for no next. */
    MbrBuilder link(int sector, int type, long start, long length, long next) {
        sign(sector).entry(sector, 0, type, start, length);
        return next == 0 ? this : entry(sector, 1, 0x05, next, 100);
    }

    MbrBuilder entry(int sector, int index, int type, long start, long length) {
        int at = sector * 512 + 446 + 16 * index;
        image.put(at + 4, (byte) type).putInt(at + 8, (int) start).putInt(at + 12, (int) length);
        return this;
    }

    MbrBuilder content(int sector, byte[] bytes) {
        System.arraycopy(bytes, 0, image.array(), sector * 512, bytes.length);
        return this;
    }

    byte[] bytes() {
        return image.array().clone();
    }

    MemorySource source() {
        return new MemorySource(bytes());
    }

    PartitionTable read() {
        return PartitionTable.read(source());
    }
}
