package org.example.piimages.daemon.image.filesystem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.example.piimages.daemon.image.disk.Partition;
import org.junit.jupiter.api.Test;

/** Tests the unused space of an f2fs written by Linux 6.1; a filesystem that was not unmounted cleanly is not trusted. */
class UnusedF2fsTest {

    private static final int SECOND_PACK = 1024;
    private static final int PACK_BLOCKS = 6;
    private static final int COMPACT_SUMMARY = SECOND_PACK + 1;
    private static final int JOURNAL = 507;
    private static final String UNSUPPORTED = "the layout of the filesystem is not supported";
    private static final String UNCLEAN = "the filesystem was not unmounted cleanly";
    private static final String CONTRADICTION = "its segments contradict its checkpoint";
    /** Ranges of blocks, according to dump.f2fs. */
    private static final List<Long> EXPECTED = List.of(
            4096L, 4102L, 4103L, 4610L, 4611L, 4613L, 4614L, 4616L, 4617L, 4619L, 4620L, 4622L, 4623L, 4625L, 4626L,
            4628L, 4629L, 4630L, 4632L, 4633L, 4635L, 4636L, 4638L, 4639L, 4641L, 4642L, 4644L, 4645L, 4647L, 4649L,
            4651L, 5635L, 5636L, 5638L, 5640L, 5643L, 5644L, 6174L, 6223L, 6288L, 6305L, 6338L, 6502L, 6551L, 6616L,
            6633L, 6656L, 7168L, 7227L, 7292L, 7309L, 7342L, 7481L, 9778L, 9827L, 9892L, 9909L, 9991L, 10056L, 10073L,
            10106L, 16384L);

    private final List<Long> found = new ArrayList<>();

    private Optional<String> report(StoredImage image) {
        found.clear();
        Partition partition = Partition.wholeFile(image.size());
        return UnusedSpace.report(image, partition, Filesystem.probe(image, partition).orElseThrow(), (start, end) -> {
            found.add(start / StoredImage.BLOCK);
            found.add(end / StoredImage.BLOCK);
        });
    }

    private static StoredImage image() {
        return StoredImage.of("f2fs");
    }

    /** Reports with a change in a block without a checksum. */
    private Optional<String> reportWith(int number, Consumer<ByteBuffer> change) {
        StoredImage image = image();
        change.accept(image.block(number));
        return report(image);
    }

    /** Reports with a change in both blocks of the newer checkpoint, with valid checksums. */
    private Optional<String> reportWithCheckpoint(Consumer<ByteBuffer> change) {
        StoredImage image = image();
        for (int number : new int[] {SECOND_PACK, SECOND_PACK + PACK_BLOCKS - 1}) {
            change.accept(image.block(number));
            image.sealF2fs(number);
        }
        return report(image);
    }

    /** Reports with a change in both superblocks. */
    private Optional<String> reportWithSuperblock(Consumer<ByteBuffer> change) {
        StoredImage image = image();
        change.accept(image.block(0).slice(1024, 3072).order(image.block(0).order()));
        change.accept(image.block(1).slice(1024, 3072).order(image.block(1).order()));
        return report(image);
    }

    @Test
    void reportsFreeBlocksOfAllSegments() {
        assertEquals(Optional.empty(), report(image()));
        assertEquals(EXPECTED, found);
    }

    /**
     * The kernel looks there for nodes written after the checkpoint; a restored filesystem must not have there what was on the card before.
     */
    @Test
    void nextNodeBlockCountsAsUsed() {
        report(image());
        long next = next(image().block(SECOND_PACK));
        for (int i = 0; i < found.size(); i += 2) {
            assertTrue(next < found.get(i) || next >= found.get(i + 1), next + " is said to be free");
        }
        assertTrue(found.contains(next + 1), "the block behind it is free");
    }

    private static int next(ByteBuffer checkpoint) {
        return 4096 + checkpoint.getInt(40) * 512 + checkpoint.getShort(70);
    }

    @Test
    void refusesUncleanFilesystem() {
        for (int flags : new int[] {0xC4, 0xCD, 0xD5, 0x10C5}) {
            assertEquals(Optional.of(UNCLEAN), reportWithCheckpoint(block -> block.putInt(132, flags)));
        }
    }

    /** The checkpoint is older than the file. */
    @Test
    void refusesFileSynchronizedAfterCheckpoint() {
        ByteBuffer checkpoint = image().block(SECOND_PACK);
        int next = next(checkpoint);
        assertEquals(Optional.of(UNCLEAN), reportWith(next, block -> block.putLong(4084, checkpoint.getLong(0))));
        assertEquals(Optional.empty(), reportWith(next, block -> block.putLong(4084, checkpoint.getLong(0) - 1)));
    }

    @Test
    void appliesJournalOfCheckpoint() {
        assertEquals(Optional.of(CONTRADICTION), reportWith(COMPACT_SUMMARY, block -> block.putShort(JOURNAL, (short) 0)));
        assertEquals(Optional.of(CONTRADICTION), reportWith(COMPACT_SUMMARY, block -> block.putShort(JOURNAL, (short) 7)));
        assertEquals(Optional.of(CONTRADICTION), reportWith(COMPACT_SUMMARY, block -> block.putInt(JOURNAL + 2, 24)));
        assertEquals(Optional.of(CONTRADICTION),
                reportWith(COMPACT_SUMMARY, block -> block.putInt(JOURNAL + 2, block.getInt(JOURNAL + 80))));
        assertEquals(Optional.of(CONTRADICTION), reportWith(COMPACT_SUMMARY, block -> block.put(JOURNAL + 8, (byte) 0x55)));
    }

    @Test
    void refusesCountsThatContradictCheckpoint() {
        assertEquals(Optional.of(CONTRADICTION), reportWithCheckpoint(block -> block.putLong(16, 1)));
        assertEquals(Optional.of(CONTRADICTION), reportWithCheckpoint(block -> block.putInt(32, block.getInt(32) + 1)));
        assertEquals(Optional.of(CONTRADICTION), reportWithCheckpoint(block -> block.putInt(144, block.getInt(144) - 1)));
        assertEquals(Optional.of(CONTRADICTION), reportWithCheckpoint(block -> block.putInt(156, 63)));
    }

    /** Segment 2 has no entry in the journal; it is changed in the current copy of the table, and in the other one. */
    @Test
    void readsCurrentCopyOfTable() {
        assertEquals(Optional.of(CONTRADICTION), reportWith(1536 + 512, block -> block.putShort(2 * 74, (short) 1)));
        assertEquals(Optional.empty(), reportWith(1536, block -> block.putShort(2 * 74, (short) 1)));
    }

    @Test
    void checkpointRequiresTwoValidBlocks() {
        StoredImage image = image();
        image.block(512).putInt(0, 1);
        image.block(SECOND_PACK + PACK_BLOCKS - 1).putInt(0, 1);
        image.sealF2fs(SECOND_PACK + PACK_BLOCKS - 1);
        assertEquals(Optional.of("it has no checkpoint that is valid and supported"), report(image));
    }

    @Test
    void refusesDifferentOrUnknownSuperblocks() {
        assertEquals(Optional.of(UNSUPPORTED), reportWith(1, block -> block.put(2000, (byte) 1)));
        assertEquals(Optional.of(UNSUPPORTED), reportWithSuperblock(block -> block.putInt(2180, 2)));
        assertEquals(Optional.of(UNSUPPORTED), reportWithSuperblock(block -> block.putInt(2180, 0x4000)));
        assertEquals(Optional.of(UNSUPPORTED), reportWithSuperblock(block -> block.put(2201, (byte) '/')));
        assertEquals(Optional.of(UNSUPPORTED), reportWithSuperblock(block -> block.putInt(1664, 1)));
        assertEquals(Optional.of(UNSUPPORTED), reportWithSuperblock(block -> block.putInt(68, block.getInt(68) + 512)));
        assertEquals(Optional.of(UNSUPPORTED), reportWithSuperblock(block -> block.putInt(92, block.getInt(92) + 512)));
    }
}
