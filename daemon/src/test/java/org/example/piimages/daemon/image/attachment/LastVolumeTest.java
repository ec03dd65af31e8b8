package org.example.piimages.daemon.image.attachment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.junit.jupiter.api.Test;

class LastVolumeTest {

    private static final int START = 512;

    private final ByteBuffer bytes = ByteBuffer.allocate(START + 65536 + 4096).order(ByteOrder.LITTLE_ENDIAN);

    /** Returns the device ID found in a superblock with that number of devices, those flags and that device ID. */
    private long device(long devices, long flags, long number) {
        int superblock = START + 65536;
        bytes.putLong(superblock + 0x88, devices).putLong(superblock + 0x38, flags).putLong(superblock + 0xC9, number);
        Partition partition = new Partition(2, START, bytes.capacity() - START, "", "", "", false, -1);
        PartitionTable table = new PartitionTable(PartitionTable.Kind.NONE, "", List.of(partition), Optional.empty(), 0, 0, false);
        Filesystem filesystem = new Filesystem("btrfs", "", "", false, 0, Optional.empty());
        return new LastVolume(table, partition, filesystem).btrfsDevice(new Source());
    }

    @Test
    void readsBtrfsDeviceId() {
        assertEquals(1, device(1, 1, 1));
        assertEquals(7, device(1, 0, 7));
    }

    @Test
    void refusesSeveralDevices() {
        Failure failure = assertThrows(Failure.class, () -> device(2, 0, 1));
        assertEquals(Failure.Kind.UNSUPPORTED, failure.kind());
        assertEquals("the btrfs filesystem of partition 2 consists of 2 devices, and only one of them is in the image; remove the others"
                + " from it first", failure.getMessage());
        assertThrows(Failure.class, () -> device(0, 0, 1));
        assertThrows(Failure.class, () -> device(-1, 0, 1));
    }

    @Test
    void refusesSeed() {
        assertEquals(Failure.Kind.UNSUPPORTED, assertThrows(Failure.class, () -> device(1, 1L << 32, 1)).kind());
    }

    private final class Source implements ByteSource {
        @Override
        public long size() {
            return bytes.capacity();
        }

        @Override
        public void read(long offset, byte[] buffer) {
            bytes.get((int) offset, buffer);
        }
    }
}
