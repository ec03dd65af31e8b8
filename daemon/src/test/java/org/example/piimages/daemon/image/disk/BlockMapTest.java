package org.example.piimages.daemon.image.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockMapTest {

    private static final long MIB = 1 << 20;

    @Test
    void zeroesHolesExceptUnusedSpace() {
        BlockMap map = BlockMap.of(100 * MIB, List.of(range(0, 4), range(20, 30)), List.of(range(50, 90)));
        assertEquals(List.of(range(0, 4), range(20, 30)), map.data());
        assertEquals(List.of(range(4, 20), range(30, 50), range(90, 100)), map.zeros());
        assertEquals(40 * MIB, map.skipped());
    }

    @Test
    void copiesDataInUnusedSpace() {
        BlockMap map = BlockMap.of(10 * MIB, List.of(range(0, 10)), List.of(range(2, 8)));
        assertEquals(List.of(range(0, 10)), map.data());
        assertEquals(List.of(), map.zeros());
        assertEquals(0, map.skipped());
    }

    @Test
    void widensDataToBlocksAndJoinsSmallHoles() {
        List<ByteRange> data = List.of(new ByteRange(100, 200), new ByteRange(8192, 8193), new ByteRange(5 * MIB, 5 * MIB + 1));
        BlockMap map = BlockMap.of(10 * MIB, data, List.of());
        assertEquals(List.of(new ByteRange(0, 12288), new ByteRange(5 * MIB, 5 * MIB + 4096)), map.data());
    }

    @Test
    void joinsExcessRangesOverSmallestHoles() {
        List<ByteRange> ranges = List.of(range(0, 1), range(2, 3), range(5, 6), range(7, 8), range(20, 21));
        assertEquals(ranges, BlockMap.joined(ranges, 5));
        assertEquals(List.of(range(0, 3), range(5, 8), range(20, 21)), BlockMap.joined(ranges, 4));
        assertEquals(List.of(range(0, 8), range(20, 21)), BlockMap.joined(ranges, 2));
        assertEquals(List.of(range(0, 21)), BlockMap.joined(ranges, 1));
    }

    @Test
    void replacesEndOfRemainder() {
        BlockMap rest = BlockMap.of(10 * MIB, List.of(range(0, 3)), List.of()).from(MIB, range(19, 20));
        assertEquals(List.of(range(1, 3)), rest.data());
        assertEquals(List.of(range(3, 10), range(19, 20)), rest.zeros());
        assertEquals(10 * MIB, rest.changedBytes());
    }

    /** For any holes and unused space, each megabyte is copied, zeroed or skipped, only once, and none with data is skipped. */
    @Test
    void everyByteIsAccountedFor() {
        Random random = new Random(4);
        for (int turn = 0; turn < 200; turn++) {
            BitSet used = bits(random);
            BitSet free = bits(random);
            BlockMap map = BlockMap.of(64 * MIB, ranges(used), ranges(free));
            BitSet copied = megabytes(map.data());
            BitSet zeroed = megabytes(map.zeros());
            assertFalse(copied.intersects(zeroed), "copied and zeroed");
            for (int i = 0; i < 64; i++) {
                assertTrue(copied.get(i) || zeroed.get(i) || !used.get(i) && free.get(i), "megabyte " + i + " in turn " + turn);
            }
            assertEquals(64 * MIB, map.changedBytes() + map.skipped());
        }
    }

    private static BitSet bits(Random random) {
        BitSet bits = new BitSet();
        for (int i = 0; i < 64; i++) {
            bits.set(i, random.nextInt(3) == 0);
        }
        return bits;
    }

    private static List<ByteRange> ranges(BitSet bits) {
        List<ByteRange> ranges = new ArrayList<>();
        for (int start = bits.nextSetBit(0); start >= 0; start = bits.nextSetBit(bits.nextClearBit(start))) {
            ranges.add(range(start, bits.nextClearBit(start)));
        }
        return ranges;
    }

    private static BitSet megabytes(List<ByteRange> ranges) {
        BitSet bits = new BitSet();
        ranges.forEach(range -> bits.set((int) (range.start() / MIB), (int) (range.end() / MIB)));
        return bits;
    }

    private static ByteRange range(long start, long end) {
        return new ByteRange(start * MIB, end * MIB);
    }
}
