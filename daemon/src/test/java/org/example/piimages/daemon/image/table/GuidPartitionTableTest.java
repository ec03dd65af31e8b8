package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.disk.FailureAssertions.assertInvalid;
import static org.example.piimages.daemon.image.disk.FailureAssertions.assertRefused;
import static org.example.piimages.daemon.image.table.GptBuilder.LINUX;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.junit.jupiter.api.Test;

class GuidPartitionTableTest {

    private static final String FIRST = "aaaaaaaa-1111-2222-3333-444444444444";
    private static final String SECOND = "bbbbbbbb-1111-2222-3333-444444444444";
    private static final int PRIMARY_HEADER = 512;

    private static GptBuilder twoPartitions() {
        return new GptBuilder(300).partition(1, LINUX, FIRST, 40, 99, "boot").partition(3, LINUX, SECOND, 100, 199, "rootfs ä");
    }

    @Test
    void partitionsAreRead() {
        PartitionTable table = twoPartitions().active(3).read();
        assertEquals(PartitionTable.Kind.GPT, table.kind());
        assertEquals(GptBuilder.DISK, table.diskId());
        assertEquals(List.of(new Partition(1, 40 * 512, 60 * 512, LINUX, FIRST, "boot", false, 1024),
                new Partition(3, 100 * 512, 100 * 512, LINUX, SECOND, "rootfs ä", true, 1024 + 256)), table.partitions());
        assertEquals(34 * 512, table.usableStart());
        assertEquals(267 * 512, table.usableEnd());
        assertFalse(table.fromBackup());
    }

    @Test
    void backupIsReadWhenPrimaryIsBroken() {
        for (int broken : new int[] {PRIMARY_HEADER, PRIMARY_HEADER + 60, PRIMARY_HEADER + 88, 1024 + 5}) {
            byte[] image = twoPartitions().bytes();
            image[broken] ^= 0x55;
            PartitionTable table = PartitionTable.read(new MemorySource(image));
            assertTrue(table.fromBackup());
            assertEquals(2, table.partitions().size());
            assertEquals((300 - 33) * 512, table.partitions().get(0).entryOffset());
        }
    }

    @Test
    void bothCopiesBrokenIsRefused() {
        byte[] image = twoPartitions().bytes();
        image[PRIMARY_HEADER + 56] ^= 1;
        image[image.length - 512 + 56] ^= 1;
        assertInvalid("(GPT) and its backup", () -> PartitionTable.read(new MemorySource(image)));
    }

    @Test
    void truncationInsideTheTableIsRefused() {
        assertInvalid("damaged", () -> PartitionTable.read(new MemorySource(twoPartitions().bytes(), 1024)));
        assertInvalid("damaged", () -> PartitionTable.read(new MemorySource(twoPartitions().bytes(), 5 * 512)));
    }

    @Test
    void partitionPastEndOfFileIsRefused() {
        assertInvalid("partition 3 ends at byte 102400 but the file has 76800 bytes",
                () -> PartitionTable.read(new MemorySource(twoPartitions().bytes(), 150 * 512)));
    }

    @Test
    void numbersBeyondSignedRangeAreRefused() {
        assertInvalid("ends at byte 9444732965739290426880", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 40, -2, "").read());
        assertInvalid("partition 1 ends at byte", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 40, Long.MAX_VALUE, "").read());
        assertInvalid("partition 1 ends at byte", () -> new GptBuilder(300).partition(1, LINUX, FIRST, -5, -2, "").read());
        assertInvalid("partition 1", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 0, -1, "").read());
        assertInvalid("partition 1", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 1L << 55, (1L << 55) + 9, "").read());
    }

    @Test
    void partitionEndingBeforeItBeginsIsRefused() {
        assertInvalid("ends before it begins", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 99, 40, "").read());
    }

    @Test
    void overlappingPartitionsAreRefused() {
        assertInvalid("partitions 1 and 2 overlap", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 40, 100, "")
                .partition(2, LINUX, SECOND, 100, 199, "").read());
    }

    @Test
    void partitionOnTheTableIsRefused() {
        assertInvalid("outside the space", () -> new GptBuilder(300).partition(1, LINUX, FIRST, 2, 40, "").read());
    }

    @Test
    void tableWithoutPartitionsIsRefused() {
        assertInvalid("contains no partition", () -> new GptBuilder(300).read());
    }

    @Test
    void refusesUnreasonableEntriesBeforeReadingThem() {
        for (int[] claim : new int[][] {{-1, 128}, {Integer.MAX_VALUE, 128}, {0, 128}, {128, 0}, {128, 100}, {128, 1 << 30}, {4000, 128}}) {
            assertInvalid("damaged", () -> twoPartitions().claim(claim[0], claim[1]).read());
        }
    }

    /** An image with a GPT whose MBR describes a partition as well. */
    private static byte[] hybrid(long first, long last) {
        byte[] image = twoPartitions().bytes();
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).put(462 + 4, (byte) MbrBuilder.LINUX).putInt(462 + 8, (int) first)
                .putInt(462 + 12, (int) (last - first + 1));
        return image;
    }

    @Test
    void hybridTableThatContradictsItselfIsRefused() {
        assertInvalid("contradict", () -> PartitionTable.read(new MemorySource(hybrid(41, 50))));
        assertInvalid("contradict", () -> PartitionTable.read(new MemorySource(hybrid(0, 0))));
    }

    @Test
    void hybridTableIsReadAsItsGpt() {
        PartitionTable plain = twoPartitions().read();
        Partition first = plain.partitions().get(0);
        byte[] image = hybrid(first.start() / 512, first.end() / 512 - 1);
        assertEquals(plain, PartitionTable.read(new MemorySource(image)));
    }

    @Test
    void growsHybridTableWithoutChangingItsMbr() {
        Partition first = twoPartitions().read().partitions().get(0);
        Partition last = twoPartitions().read().partitions().get(1);
        MemorySource image = new MemorySource(hybrid(first.start() / 512, first.end() / 512 - 1));
        ResizePlan plan = ResizePlan.toFileSize(image, PartitionTable.read(image), last, 8 << 20);
        byte[] written = plan.writes().get(plan.writes().size() - 1).bytes();
        assertArrayEquals(Arrays.copyOf(image.content(), 512), Arrays.copyOf(written, 512));
        MemorySource other = new MemorySource(hybrid(last.start() / 512, last.end() / 512 - 1));
        assertRefused(Failure.Kind.UNSUPPORTED, "also in its MBR",
                () -> ResizePlan.toFileSize(other, PartitionTable.read(other), last, 8 << 20));
    }

    @Test
    void sectorsOfOtherSizeAreUnsupported() {
        MbrBuilder image = new MbrBuilder(300).primary(1, MbrBuilder.PROTECTIVE, 1, 36)
                .content(8, "EFI PART".getBytes(StandardCharsets.US_ASCII));
        assertRefused(Failure.Kind.UNSUPPORTED, "sectors of 4096 bytes", image::read);
    }
}
