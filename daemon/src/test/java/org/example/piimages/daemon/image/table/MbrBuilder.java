package org.example.piimages.daemon.image.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.daemon.image.disk.MemorySource;

/** Builds master and extended boot records, valid or invalid ones; all numbers are in sectors. */
public final class MbrBuilder {

    public static final int LINUX = 0x83;
    public static final int FAT32_LBA = 0x0C;
    public static final int EXTENDED = 0x0F;
    public static final int PROTECTIVE = 0xEE;

    private final ByteBuffer image;

    public MbrBuilder(int sectors) {
        image = ByteBuffer.allocate(sectors * 512).order(ByteOrder.LITTLE_ENDIAN);
        sign(0);
    }

    public MbrBuilder diskId(int diskId) {
        image.putInt(440, diskId);
        return this;
    }

    public MbrBuilder sign(int sector) {
        image.putShort(sector * 512 + 510, (short) 0xAA55);
        return this;
    }

    public MbrBuilder primary(int number, int type, long start, long length) {
        return entry(0, number - 1, type, start, length);
    }

    public MbrBuilder active(int number) {
        image.put(446 + 16 * (number - 1), (byte) 0x80);
        return this;
    }

    /**
     * Adds a link of the chain. The start of its logical partition is relative to the link, {@code next} to the extended partition; 0 if it
     * is the last.
     */
    public MbrBuilder link(int sector, int type, long start, long length, long next) {
        sign(sector).entry(sector, 0, type, start, length);
        return next == 0 ? this : entry(sector, 1, 0x05, next, 100);
    }

    public MbrBuilder entry(int sector, int index, int type, long start, long length) {
        int at = sector * 512 + 446 + 16 * index;
        image.put(at + 4, (byte) type).putInt(at + 8, (int) start).putInt(at + 12, (int) length);
        return this;
    }

    public MbrBuilder content(int sector, byte[] bytes) {
        System.arraycopy(bytes, 0, image.array(), sector * 512, bytes.length);
        return this;
    }

    public byte[] bytes() {
        return image.array().clone();
    }

    public MemorySource source() {
        return new MemorySource(bytes());
    }

    public PartitionTable read() {
        return PartitionTable.read(source());
    }
}
