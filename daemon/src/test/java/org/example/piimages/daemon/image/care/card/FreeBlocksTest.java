package org.example.piimages.daemon.image.care.card;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.Partition;
import org.junit.jupiter.api.Test;

class FreeBlocksTest {

    private static final Partition PARTITION = new Partition(2, 1 << 20, 64 << 20, "0x83", "", "", false, -1);

    /** The output of dumpe2fs 1.47. */
    @Test
    void readsGroupsButNotSuperblock() throws IOException {
        String output = """
                Free blocks:              5117
                Block size:               1024
                Group 2: (Blocks 16385-24576) csum 0x2bd4 [INODE_UNINIT, ITABLE_ZEROED]
                  4096 free blocks, 2048 free inodes, 0 directories, 2048 unused inodes
                  Free blocks: 20481-24576, 24600
                  Free inodes: 4097-6144
                Group 3: (Blocks 24577-32767) csum 0x552f
                  Free blocks:\s
                """;
        assertEquals(Optional.of(List.of(at(20481, 24577))), parse(output));
    }

    @Test
    void clipsRangesToPartition() throws IOException {
        assertEquals(Optional.of(List.of(new ByteRange(PARTITION.end() - (2 << 20), PARTITION.end()))),
                parse("Block size: 4096\n  Free blocks: 15872-99999999\n"));
    }

    @Test
    void distinguishesFullFilesystemFromUnknownOutput() throws IOException {
        assertEquals(Optional.of(List.of()), parse("Block size: 4096\nGroup 0: (Blocks 0-9)\n  Free blocks: \n"));
        for (String output : List.of("", "Block size: 4096\n", "Group 0: (Blocks 0-9)\n  Free blocks: 1-9\n",
                "Block size: 4096\nGroup 0: blocks 0-9\n  Unused blocks: 1-9\n")) {
            assertEquals(Optional.empty(), parse(output), output);
        }
    }

    private static ByteRange at(long first, long end) {
        return new ByteRange(PARTITION.start() + first * 1024, PARTITION.start() + end * 1024);
    }

    private static Optional<List<ByteRange>> parse(String output) throws IOException {
        return FreeBlocks.parse(new BufferedReader(new StringReader(output)), PARTITION);
    }
}
