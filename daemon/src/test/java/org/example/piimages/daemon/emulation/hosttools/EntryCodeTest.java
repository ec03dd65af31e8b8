package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** testbed/tests/ns/host_tools.sh tests that the code works; these tests check where it is inserted, if at all. */
class EntryCodeTest {

    private static final int TEXT = 0x1000;
    private static final int ADDRESS = 0x401000;
    private static final int ENTRY = ADDRESS + 0x10;

    /** A static program whose code fills a given number of bytes of its only code page. */
    static ByteBuffer program(int size) {
        ByteBuffer elf = ByteBuffer.allocate(3 * TEXT).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464C457F).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1).putShort(16, (short) 2).putShort(18, (short) 62);
        elf.putLong(24, ENTRY).putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
        elf.putInt(64, 1).putInt(68, 5).putLong(72, TEXT).putLong(80, ADDRESS).putLong(96, size).putLong(104, size);
        Arrays.fill(elf.array(), TEXT, TEXT + size, (byte) 0x90);
        elf.putLong(2 * TEXT, 42);
        return elf;
    }

    private static Optional<byte[]> inserted(ByteBuffer program) {
        return EntryCode.load("process-name").insertInto(program.array());
    }

    @Test
    void codeFollowsProgramAndJumpsBack() {
        byte[] original = program(0x205).array();
        ByteBuffer elf = ByteBuffer.wrap(inserted(program(0x205)).orElseThrow()).order(ByteOrder.LITTLE_ENDIAN);
        int start = 0x210;
        assertEquals(ADDRESS + start, elf.getLong(24));
        long size = elf.getLong(96);
        assertEquals(size, elf.getLong(104));
        // The jump comes last in the code; its offset is relative to its end.
        assertEquals(ENTRY, ADDRESS + size + elf.getInt((int) (TEXT + size - 4)));
        assertArrayEquals(Arrays.copyOfRange(original, TEXT, TEXT + 0x205), Arrays.copyOfRange(elf.array(), TEXT, TEXT + 0x205));
        assertEquals(42, elf.getLong(2 * TEXT));
    }

    @Test
    void rejectsProgramWithoutRoom() {
        assertTrue(inserted(program(0xFD0)).isEmpty());
        ByteBuffer used = program(0x205);
        used.put(TEXT + 0x240, (byte) 1);
        assertTrue(inserted(used).isEmpty());
    }

    @Test
    void rejectsProgramWithSharedLastPage() {
        for (long offset : new long[] {TEXT + 0x800, 2 * TEXT}) {
            ByteBuffer two = program(0x205).putShort(56, (short) 2);
            two.putInt(120, 1).putInt(124, 4).putLong(128, offset).putLong(136, ADDRESS - TEXT + offset).putLong(152, 16).putLong(160, 16);
            assertEquals(offset == 2 * TEXT, inserted(two).isPresent());
        }
    }

    @Test
    void rejectsProgramsForOtherCpus() {
        assertTrue(inserted(ByteBuffer.allocate(0)).isEmpty());
        assertTrue(inserted(ByteBuffer.allocate(3 * TEXT)).isEmpty());
        assertTrue(inserted(program(0x205).putShort(18, (short) 183)).isEmpty());
        assertTrue(inserted(program(0x205).putLong(32, Long.MAX_VALUE)).isEmpty());
        assertTrue(inserted(program(0x205).putLong(72, Long.MAX_VALUE - 5)).isEmpty());
        assertTrue(inserted(program(0x205).putLong(96, Long.MAX_VALUE - 20)).isEmpty());
    }
}
