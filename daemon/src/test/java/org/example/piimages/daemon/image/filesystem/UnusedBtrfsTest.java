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

/** Tests the unused space of a btrfs written by Linux 6.18; nothing that was changed is trusted. */
class UnusedBtrfsTest {

    private static final int SUPERBLOCK = 16;
    private static final String UNSUPPORTED = "the layout of the filesystem is not supported";
    private static final String CONTRADICTION = "its trees contradict each other";
    /** The ranges of at least 64 KiB between chunks and extents, according to btrfs inspect-internal dump-tree. */
    private static final List<Long> EXPECTED = List.of(
            1048576L, 13631488L, 13795328L, 13869056L, 14041088L, 14114816L, 14286848L, 14360576L, 14532608L,
            14606336L, 15269888L, 22020096L, 105906176L, 106045440L, 106659840L, 106864640L, 107479040L, 107888640L,
            108503040L, 108707840L, 109322240L, 109731840L, 110346240L, 110551040L, 111165440L, 111575040L,
            112189440L, 112394240L, 113008640L, 113278976L, 118194176L, 268435456L);

    private final List<Long> found = new ArrayList<>();

    private Optional<String> report(StoredImage image) {
        found.clear();
        Partition partition = Partition.wholeFile(image.size());
        return UnusedSpace.report(image, partition, Filesystem.probe(image, partition).orElseThrow(), (start, end) -> {
            found.add(start);
            found.add(end);
        });
    }

    /** Reports with a change in the superblock, with a valid checksum. */
    private Optional<String> reportWith(Consumer<ByteBuffer> change) {
        StoredImage image = StoredImage.of("btrfs");
        change.accept(image.block(SUPERBLOCK));
        image.sealBtrfs(SUPERBLOCK);
        return report(image);
    }

    @Test
    void reportsUnallocatedSpaceAndGapsInDataChunks() {
        assertEquals(Optional.empty(), report(StoredImage.of("btrfs")));
        assertEquals(EXPECTED, found);
    }

    @Test
    void refusesFilesystemWithLog() {
        assertEquals(Optional.of("the filesystem was not unmounted cleanly"), reportWith(block -> block.putLong(0x60, 1 << 20)));
    }

    @Test
    void refusesUnknownLayout() {
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putLong(0x88, 2)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putLong(0x38, 3)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putLong(0xBC, block.getLong(0xBC) | 0x1000)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putLong(0xB4, block.getLong(0xB4) | 0x10)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putShort(0xC4, (short) 1)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putInt(0x94, 512)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putInt(0xA0, 4096)));
        assertEquals(Optional.of(UNSUPPORTED), reportWith(block -> block.putInt(0xA0, block.getInt(0xA0) - 1)));
    }

    @Test
    void refusesTreesThatContradictSuperblock() {
        assertEquals(Optional.of(CONTRADICTION), reportWith(block -> block.putLong(0x78, block.getLong(0x78) - 4096)));
        assertEquals(Optional.of(CONTRADICTION), reportWith(block -> block.putLong(0xD9, block.getLong(0xD9) + 4096)));
        assertEquals(Optional.of(CONTRADICTION), reportWith(block -> block.putLong(0x48, block.getLong(0x48) - 1)));
        assertEquals(Optional.of(CONTRADICTION), reportWith(block -> block.put(0xC6, (byte) 8)));
    }

    @Test
    void changedByteIsRefusedOrHarmless() {
        int refused = 0;
        for (int number : StoredImage.of("btrfs").stored()) {
            for (int at = 3; at < StoredImage.BLOCK; at += 511) {
                StoredImage image = StoredImage.of("btrfs");
                image.block(number).put(at, (byte) (image.block(number).get(at) + 1));
                if (report(image).isEmpty()) {
                    assertEquals(EXPECTED, found);
                } else {
                    refused++;
                }
            }
        }
        assertTrue(refused > 50, refused + " changes were refused");
    }

    /** Checksums do not protect against an attacker who can calculate them: each missing part of an extent must be a contradiction. */
    @Test
    void refusesMissingExtent() {
        int extents = 0;
        for (int number : StoredImage.of("btrfs").stored()) {
            StoredImage image = StoredImage.of("btrfs");
            ByteBuffer leaf = image.block(number);
            if (leaf.getLong(0x30) == 0 || leaf.getLong(0x58) != 2 || leaf.get(0x64) != 0) {
                continue;
            }
            for (int item = 101; item < 101 + 25 * leaf.getInt(0x60); item += 25) {
                int type = leaf.get(item + 8) & 0xFF;
                if (type == 168) {
                    leaf.putLong(item + 9, leaf.getLong(item + 9) - 4096);
                    image.sealBtrfs(number);
                    // It may be a second copy, which is not read.
                    Optional<String> reason = report(image);
                    assertEquals(reason.isEmpty() ? EXPECTED : found, found);
                    assertEquals(CONTRADICTION, reason.orElse(CONTRADICTION));
                    leaf.putLong(item + 9, leaf.getLong(item + 9) + 4096);
                    extents += reason.isPresent() ? 1 : 0;
                }
            }
        }
        assertTrue(extents > 50, extents + " extents");
    }

    /** This must be detected before the extents are read: overlapping chunks could have any number of free ranges. */
    @Test
    void refusesOverlappingChunks() {
        int chunks = 0;
        for (int number : StoredImage.of("btrfs").stored()) {
            StoredImage image = StoredImage.of("btrfs");
            ByteBuffer leaf = image.block(number);
            if (leaf.getLong(0x30) == 0 || leaf.getLong(0x58) != 3 || leaf.get(0x64) != 0) {
                continue;
            }
            for (int item = 101; item < 101 + 25 * leaf.getInt(0x60); item += 25) {
                int stripe = 101 + leaf.getInt(item + 17) + 48;
                if ((leaf.get(item + 8) & 0xFF) == 228 && (leaf.getLong(stripe - 24) & 1) != 0) {
                    leaf.putLong(stripe + 8, 22020096);
                    image.sealBtrfs(number);
                    // It may be a second copy, which is not read.
                    Optional<String> reason = report(image);
                    assertEquals(reason.isEmpty() ? EXPECTED : List.of(), found);
                    assertEquals(CONTRADICTION, reason.orElse(CONTRADICTION));
                    chunks += reason.isPresent() ? 1 : 0;
                }
            }
        }
        assertTrue(chunks > 0);
    }
}
