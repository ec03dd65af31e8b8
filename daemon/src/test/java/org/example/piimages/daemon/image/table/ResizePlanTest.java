package org.example.piimages.daemon.image.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.FailureAssertions;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.junit.jupiter.api.Test;

class ResizePlanTest {

    private static final long MIB = 1 << 20;
    /** Sectors in a MiB. */
    private static final int S = 2048;

    private static MbrBuilder twoPartitions() {
        return new MbrBuilder(3 * S).diskId(0x7069696d).primary(1, MbrBuilder.FAT32_LBA, 1, 100).primary(2, MbrBuilder.LINUX, S, 2 * S)
                .active(2);
    }

    /** Two logical partitions; the second does not fill the extended one. */
    private static MbrBuilder logicals() {
        return new MbrBuilder(4 * S).primary(1, MbrBuilder.FAT32_LBA, 1, 100).primary(2, MbrBuilder.EXTENDED, S, 3 * S)
                .link(S, MbrBuilder.LINUX, 1, 100, S).link(2 * S, MbrBuilder.LINUX, 1, S, 0);
    }

    private static GptBuilder gpt() {
        return new GptBuilder(4 * S).partition(1, GptBuilder.LINUX, "00000000-0000-0000-0000-000000000001", S, 2 * S - 1, "boot")
                .partition(2, GptBuilder.LINUX, "00000000-0000-0000-0000-000000000002", 2 * S, 3 * S - 1, "root").active(2);
    }

    private static ResizePlan grow(MemorySource source, int number, long fileSize) {
        PartitionTable table = PartitionTable.read(source);
        return ResizePlan.toFileSize(source, table, table.partition(number).orElseThrow(), fileSize);
    }

    private static PartitionTable after(ByteSource source, ResizePlan plan, List<SectorWrite> writes) {
        return PartitionTable.read(new PatchedSource(source, plan.fileSize(), writes));
    }

    @Test
    void growsPrimaryPartitionByFourBytes() {
        MemorySource source = twoPartitions().source();
        ResizePlan plan = grow(source, 2, 8 * MIB);
        assertEquals(7 * MIB, plan.after().length());
        assertEquals(1, plan.writes().size());
        byte[] expected = source.bytes(0, 512);
        byte[] written = plan.writes().get(0).bytes();
        // The size of the second entry: 7 MiB are 0x3800 sectors.
        System.arraycopy(new byte[] {0, 0x38, 0, 0}, 0, expected, 446 + 16 + 12, 4);
        assertArrayEquals(expected, written);
    }

    @Test
    void completedPlanLeavesNoWrites() {
        MemorySource source = twoPartitions().source();
        ResizePlan plan = grow(source, 2, 8 * MIB);
        PatchedSource grown = new PatchedSource(source, plan.fileSize(), plan.writes());
        PartitionTable table = PartitionTable.read(grown);
        ResizePlan again = ResizePlan.toFileSize(grown, table, table.partition(2).orElseThrow(), 8 * MIB);
        assertEquals(List.of(), again.writes());
        assertEquals(plan.after(), again.after());
    }

    @Test
    void continuesAfterFileWasExtended() {
        ResizePlan plan = grow(new MemorySource(twoPartitions().bytes(), 8 * MIB), 2, 8 * MIB);
        assertEquals(7 * MIB, plan.after().length());
        assertFalse(plan.writes().isEmpty());
    }

    @Test
    void logicalPartitionIsValidAfterEachWrite() {
        MemorySource source = logicals().source();
        ResizePlan plan = grow(source, 6, 8 * MIB);
        assertEquals(3, plan.writes().size());
        for (int done = 0; done <= plan.writes().size(); done++) {
            PartitionTable table = after(source, plan, plan.writes().subList(0, done));
            assertEquals(3, table.partitions().size(), "after " + done + " writes");
        }
        PartitionTable table = after(source, plan, plan.writes());
        assertEquals(plan.after(), table.partition(6).orElseThrow());
        assertEquals(8 * MIB, table.extended().orElseThrow().end());
    }

    /** As on cards of NOOBS and PINN: the file must not end before the extended partition. */
    @Test
    void growsLogicalPartitionWithinLargerExtendedOne() {
        MemorySource source = new MbrBuilder(8 * S).primary(1, MbrBuilder.EXTENDED, S, 6 * S).link(S, MbrBuilder.LINUX, 1, S, 0).source();
        PartitionTable table = PartitionTable.read(source);
        ResizePlan plan = ResizePlan.toLength(source, table, table.partition(5).orElseThrow(), 2 * MIB);
        assertEquals(7 * MIB, plan.fileSize());
        assertEquals(4 * MIB, plan.after().end());
        assertEquals(7 * MIB, after(source, plan, plan.writes()).extended().orElseThrow().end());
    }

    @Test
    void shrinksLogicalPartition() {
        MemorySource source = logicals().source();
        PartitionTable table = PartitionTable.read(source);
        ResizePlan plan = ResizePlan.toLength(source, table, table.partition(6).orElseThrow(), 1);
        assertEquals(plan.after(), after(source, plan, plan.writes()).partition(6).orElseThrow());
        assertEquals(2 * MIB + 512, plan.after().start());
        assertEquals(3 * MIB, plan.fileSize());
    }

    @Test
    void updatesBothGptHeaders() {
        MemorySource source = new MemorySource(gpt().bytes());
        ResizePlan plan = grow(source, 2, 16 * MIB);
        PatchedSource grown = new PatchedSource(source, 16 * MIB, plan.writes());
        assertEquals(13 * MIB, plan.after().length());
        assertEquals(16 * MIB / 512 - 34, GptHeader.read(grown, 1).orElseThrow().lastUsable());
        assertEquals(GptHeader.read(grown, 1).orElseThrow().entries(), GptHeader.read(grown, 16 * MIB / 512 - 1).orElseThrow().entries());
        assertEquals(GptBuilder.DISK, PartitionTable.read(grown).diskId());
    }

    /** Everything before the entries would be read and kept: up to hundreds of megabytes. */
    @Test
    void refusesDistantGptEntries() {
        MemorySource source = new MemorySource(gpt().entriesAt(3 * S).bytes());
        assertTrue(assertThrows(Failure.class, () -> grow(source, 2, 16 * MIB)).getMessage().contains("its entries do not follow"));
    }

    @Test
    void gptIsReadableAfterEachWrite() {
        MemorySource source = new MemorySource(gpt().bytes());
        ResizePlan plan = grow(source, 2, 16 * MIB);
        assertEquals(2 * S * 512L, after(source, plan, plan.writes().subList(0, 1)).partition(2).orElseThrow().start());
        // At most a page, so that it is written completely or not at all.
        assertEquals(0, plan.writes().get(1).offset());
        assertFalse(plan.writes().get(1).bytes().length > 4096);
    }

    @Test
    void shrinksGptPartition() {
        MemorySource source = new MemorySource(gpt().bytes(), 4 * S * 512L);
        PartitionTable table = PartitionTable.read(source);
        ResizePlan plan = ResizePlan.toLength(source, table, table.partition(2).orElseThrow(), MIB / 2);
        assertEquals(4 * MIB, plan.fileSize());
        assertEquals(plan.after(), after(source, plan, plan.writes()).partition(2).orElseThrow());
    }

    @Test
    void refusesDamagedPrimaryHeader() {
        byte[] bytes = gpt().bytes();
        bytes[512 + 60] ^= 1;
        FailureAssertions.assertRefused(Failure.Kind.UNSUPPORTED, "repair it first", () -> grow(new MemorySource(bytes), 2, 16 * MIB));
    }

    @Test
    void refusesToMovePartitions() {
        MemorySource source = new MbrBuilder(4 * S).primary(1, MbrBuilder.LINUX, S, S).primary(2, MbrBuilder.LINUX, 2 * S, S).source();
        FailureAssertions.assertRefused(Failure.Kind.UNSUPPORTED, "followed by partition 2", () -> grow(source, 1, 8 * MIB));
    }

    @Test
    void refusesMbrBeyondTwoTebibytes() {
        FailureAssertions.assertRefused(Failure.Kind.UNSUPPORTED, "2 TiB", () -> grow(twoPartitions().source(), 2, 3L << 40));
    }
}
