package org.example.piimages.daemon.image.care;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.example.piimages.daemon.image.care.card.UnreadableRanges;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.RangeList;
import org.example.piimages.daemon.image.filesystem.SuperblockBuilder;
import org.junit.jupiter.api.Test;

class CardContentsTest {

    private static final long MIB = 1 << 20;
    private static final CardContents CARD = new CardContents(64 * MIB,
            List.of(new Partition(1, MIB, 9 * MIB, "", "", "", false, -1), new Partition(5, 20 * MIB, 40 * MIB, "", "", "", false, -1)),
            List.of(range(2 * MIB, 3 * MIB), range(4 * MIB, 4 * MIB + 4096), range(30 * MIB, 60 * MIB)), List.of());

    private static ByteRange range(long start, long end) {
        return new ByteRange(start, end);
    }

    @Test
    void readsSmallUnusedRanges() {
        assertEquals(List.of(range(0, 2 * MIB), range(3 * MIB, 30 * MIB), range(60 * MIB, 64 * MIB)), CARD.rangesToRead());
    }

    @Test
    void splitsRangeIntoUsedAndUnused() {
        ByteRange piece = range(3 * MIB, 31 * MIB);
        assertEquals(List.of(range(4 * MIB, 4 * MIB + 4096), range(30 * MIB, 31 * MIB)), CARD.unusedIn(piece));
        assertEquals(List.of(range(3 * MIB, 4 * MIB), range(4 * MIB + 4096, 30 * MIB)), CARD.used(piece));
        assertEquals(List.of(), CARD.unusedIn(range(60 * MIB, 64 * MIB)));
        assertEquals(List.of(), CARD.used(range(40 * MIB, 41 * MIB)));
    }

    @Test
    void findsPartitionOfOffset() {
        assertEquals(List.of(0, 1, 1, 0, 5, 0), List.of(0L, MIB, 10 * MIB - 1, 10 * MIB, 20 * MIB, 60 * MIB).stream()
                .map(CARD::partition).toList());
    }

    @Test
    void includesAllOfInvalidDisk() {
        CardContents contents = CardContents.of(new MemorySource(new byte[1], 8 * MIB));
        assertEquals(List.of(range(0, 8 * MIB)), contents.rangesToRead());
        assertEquals(List.of("all of the disk is read, because it has no valid partition table"), contents.notes("the disk", "is read"));
        contents = CardContents.of(new MemorySource(SuperblockBuilder.squashfs(8 * MIB).bytes(), 8 * MIB));
        assertEquals(List.of(range(0, 8 * MIB)), contents.rangesToRead());
        assertEquals(List.of("all of the disk is read, because the free space of squashfs is not known"),
                contents.notes("the disk", "is read"));
    }

    @Test
    void ignoresPartitionTableOfRaidMember() {
        byte[] disk = new byte[8192];
        disk[510] = 0x55;
        disk[511] = (byte) 0xAA;
        // One partition of type 0x83 that starts at sector 2048.
        disk[446 + 4] = (byte) 0x83;
        disk[446 + 9] = 8;
        disk[446 + 13] = 8;
        assertEquals(1, CardContents.of(new MemorySource(disk, 8 * MIB)).partitions().size());
        System.arraycopy(new byte[] {(byte) 0xFC, 0x4E, 0x2B, (byte) 0xA9, 1, 0, 0, 0}, 0, disk, 4096, 8);
        CardContents contents = CardContents.of(new MemorySource(disk, 8 * MIB));
        assertEquals(List.of(range(0, 8 * MIB)), contents.rangesToRead());
        assertEquals(List.of("all of the disk is read, because it has a filesystem or a RAID beside its partition table"),
                contents.notes("the disk", "is read"));
    }

    @Test
    void boundsListOfRanges() {
        RangeList list = new RangeList();
        long end = 0;
        for (int i = 0; i < RangeList.MAX_RANGES * 3 / 2; i++) {
            end = i * 100_000L + (i % 2 == 0 ? 4096 : 50_000);
            list.add(range(i * 100_000L, end));
            assertTrue(list.ranges().size() <= RangeList.MAX_RANGES);
        }
        assertEquals(end, list.ranges().get(list.ranges().size() - 1).end());
        assertTrue(list.ranges().stream().filter(range -> range.length() == 50_000).count() > RangeList.MAX_RANGES / 2);
    }

    @Test
    void joinsAndNamesUnreadableRanges() {
        UnreadableRanges ranges = new UnreadableRanges();
        ranges.add(2, 8192, 4096);
        ranges.add(2, 12288, 4096);
        ranges.add(0, 16384, 4096);
        assertEquals("8192 bytes at byte 8192 (partition 2), 4096 bytes at byte 16384", ranges.text());
        for (int i = 10; i < 20; i++) {
            ranges.add(0, i * 8192L, 4096);
        }
        assertTrue(ranges.text().endsWith("4096 bytes at byte 98304 and 7 more ranges"), ranges.text());
    }
}
