package org.example.piimages.daemon.image.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32;
import org.example.piimages.daemon.image.disk.MemorySource;

/** Builds a GUID partition table, both copies with valid checksums; later changes to the bytes do not update these. */
public final class GptBuilder {

    public static final String LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4";
    public static final String DISK = "11223344-5566-7788-99aa-bbccddeeff00";
    public static final int ENTRY_COUNT = 128;

    private final int sectors;
    private final ByteBuffer entries = ByteBuffer.allocate(ENTRY_COUNT * 128).order(ByteOrder.LITTLE_ENDIAN);
    private int entryCount = ENTRY_COUNT;
    private int entrySize = 128;
    private int entriesSector = 2;

    public GptBuilder(int sectors) {
        this.sectors = sectors;
    }

    public GptBuilder partition(int number, String type, String uuid, long first, long last, String name) {
        int at = (number - 1) * 128;
        putGuid(entries, at, type);
        putGuid(entries, at + 16, uuid);
        entries.putLong(at + 32, first).putLong(at + 40, last);
        entries.put(at + 56, name.getBytes(StandardCharsets.UTF_16LE));
        return this;
    }

    public GptBuilder active(int number) {
        entries.putLong((number - 1) * 128 + 48, 4);
        return this;
    }

    /** Sets the number and size of the entries in the headers, with a checksum over the bytes that exist. */
    public GptBuilder claim(int count, int size) {
        entryCount = count;
        entrySize = size;
        return this;
    }

    /** Places the entries at another sector. */
    public GptBuilder entriesAt(int sector) {
        entriesSector = sector;
        return this;
    }

    public byte[] bytes() {
        byte[] image = new MbrBuilder(sectors).primary(1, MbrBuilder.PROTECTIVE, 1, sectors - 1L).bytes();
        ByteBuffer buffer = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(entriesSector * 512, entries.array()).put((sectors - 33) * 512, entries.array());
        header(buffer, 1, sectors - 1L, entriesSector);
        header(buffer, sectors - 1, 1, sectors - 33L);
        return image;
    }

    public PartitionTable read() {
        return PartitionTable.read(new MemorySource(bytes()));
    }

    private void header(ByteBuffer buffer, int sector, long other, long entriesSector) {
        int at = sector * 512;
        buffer.put(at, "EFI PART".getBytes(StandardCharsets.US_ASCII));
        buffer.putInt(at + 8, 0x10000).putInt(at + 12, 92).putLong(at + 24, sector).putLong(at + 32, other).putLong(at + 40, 34)
                .putLong(at + 48, sectors - 34L);
        putGuid(buffer, at + 56, DISK);
        buffer.putLong(at + 72, entriesSector).putInt(at + 80, entryCount).putInt(at + 84, entrySize)
                .putInt(at + 88, checksum(entries.array()));
        buffer.putInt(at + 16, checksum(Arrays.copyOfRange(buffer.array(), at, at + 92)));
    }

    private static int checksum(byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }

    private static void putGuid(ByteBuffer buffer, int at, String text) {
        UUID guid = UUID.fromString(text);
        long most = guid.getMostSignificantBits();
        buffer.putInt(at, (int) (most >>> 32)).putShort(at + 4, (short) (most >>> 16)).putShort(at + 6, (short) most);
        buffer.putLong(at + 8, Long.reverseBytes(guid.getLeastSignificantBits()));
    }
}
