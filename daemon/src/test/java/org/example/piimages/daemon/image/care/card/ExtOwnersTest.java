package org.example.piimages.daemon.image.care.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.RangeOwners;
import org.junit.jupiter.api.Test;

class ExtOwnersTest {

    /** The output without control characters, such as the tabs between the columns. */
    @Test
    void parsesIcheckLinesInOrderOfRequest() {
        String words = "debugfs 1.47.0 (5-Feb-2023)\nBlockInode number\n12\n1234\n5<block not found>\n12312\n";
        assertEquals(Map.of(1L, 2L, 12L, 34L, 5L, 0L, 123L, 12L), ExtOwners.inodes(words, List.of(1L, 12L, 5L, 123L)));
        assertThrows(Failure.class, () -> ExtOwners.inodes(words, List.of(1L, 12L, 6L, 123L)));
    }

    /** If the blocks of an inode cannot be read, debugfs reports the blocks that it owns as not found. */
    @Test
    void omitsBlocksNotFoundIfInodeIsUnreadable() {
        String words = "icheck: Input/output error while calling ext2fs_block_iterate\nBlockInode number\n12\n5<block not found>\n";
        assertEquals(Map.of(1L, 2L), ExtOwners.inodes(words, List.of(1L, 5L)));
    }

    @Test
    void ignoresTruncatedAndInterruptedNames() {
        assertEquals(Map.of(13L, "/d"), ExtOwners.names("InodePathname\n12//foncheck: Attempt to read\n13/d\n14/cut o"));
    }

    @Test
    void rejectsIncompleteOutput() {
        assertThrows(Failure.class, () -> ExtOwners.inodes("BlockInode number\n12\n", List.of(1L, 2L)));
        assertThrows(Failure.class, () -> ExtOwners.inodes("icheck: Input/output error while starting inode scan\n", List.of(1L)));
        assertThrows(Failure.class, () -> ExtOwners.inodes("", List.of(1L)));
    }

    @Test
    void usesFirstNameOfInode() {
        assertEquals(Map.of(12L, "/a b", 13L, "/d/c"), ExtOwners.names("InodePathname\n12//a b\n13/d/c\n12/other\nrubbish\n/x\n"));
    }

    @Test
    void limitsNamesOfRange() {
        RangeOwners range = new RangeOwners(100, 50);
        range.addIfOverlapping(0, 100, "/before");
        range.addIfOverlapping(150, 10, "/behind");
        assertEquals(List.of(), range.names());
        range.addIfOverlapping(149, 1, "/last");
        range.addIfNone("metadata");
        assertEquals(List.of("/last"), range.names());
        for (int i = 0; i < 20; i++) {
            range.add("/" + i);
        }
        assertEquals(RangeOwners.MAX_NAMES + 1, range.names().size());
        assertEquals("others", range.names().get(RangeOwners.MAX_NAMES));
    }

    @Test
    void limitsAndEscapesNamesInMessages() {
        UnreadableRanges ranges = new UnreadableRanges();
        ranges.add(2, 8192, 4096);
        ranges.add(0, 0, 4096);
        ranges.describe(row -> row.partition() == 0 ? List.of("partition table") : List.of("/a", "/b\u001b[31m", "metadata", "/d"));
        assertEquals(
                "4096 bytes at byte 8192 (partition 2: /a, \"/b\\u{1b}[31m\", metadata, others), 4096 bytes at byte 0 (partition table)",
                ranges.text());
    }
}
