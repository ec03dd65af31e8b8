package org.example.piimages.daemon.image.system;

import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.filesystem.SuperblockBuilder;
import org.example.piimages.daemon.image.table.GptBuilder;
import org.example.piimages.daemon.image.table.MbrBuilder;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;
import org.junit.jupiter.api.Test;

/** Reading any image must end soon, with a value or with a failure of one printable line. The seeds are fixed. */
class HostileImageTest {

    private static final int ROUNDS = 20_000;
    /** For one image, which takes less than a millisecond; the time of all of them depends on what else the computer does. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static void readAll(byte[] image, long size) {
        assertTimeout(LIMIT, () -> readEverything(image, size));
    }

    private static void readEverything(byte[] image, long size) {
        MemorySource source = new MemorySource(image, size);
        try {
            PartitionTable table = PartitionTable.read(source);
            table.partitions().forEach(partition -> assertTrue(partition.end() <= size));
            Disk disk = Disk.read(source);
            SystemChoice choice = new SystemChoice(disk, PartitionSelection.NONE);
            // As a file of the image, its first bytes, which contain all that are changed.
            Fstab fstab = Fstab.parse(Arrays.copyOf(image, Math.min(image.length, 8192)));
            List<RootFacts> roots = choice.candidates().stream().map(volume -> SimulatedImage.system(volume, fstab)).toList();
            choice.choose(roots, List.of()).facts().ifPresent(root -> MountPlan.of(choice, root));
        } catch (Failure failure) {
            assertTrue(failure.getMessage().chars().noneMatch(Character::isISOControl), failure.getMessage());
        }
    }

    private static void fuzz(long seed, byte[] image, int from, int to) {
        Random random = new Random(seed);
        int[] flipped = new int[8];
        for (int round = 0; round < ROUNDS; round++) {
            int flips = 1 + random.nextInt(flipped.length);
            for (int flip = 0; flip < flips; flip++) {
                flipped[flip] = from * 8 + random.nextInt((to - from) * 8);
                flip(image, flipped[flip]);
            }
            readAll(image, random.nextInt(10) == 0 ? random.nextInt(image.length + 1) : image.length);
            // Flipped back, which is faster than a copy for each round.
            for (int flip = 0; flip < flips; flip++) {
                flip(image, flipped[flip]);
            }
        }
    }

    private static void flip(byte[] image, int bit) {
        image[bit / 8] ^= (byte) (1 << bit % 8);
    }

    @Test
    void randomBytesAreHarmless() {
        Random random = new Random(20);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] image = new byte[random.nextInt(4096)];
            random.nextBytes(image);
            if (image.length > 512) {
                image[510] = 0x55;
                image[511] = (byte) 0xAA;
                // With invalid flags the other bytes would not be examined.
                for (int at = 446; at < 510; at += 16) {
                    image[at] = 0;
                }
            }
            readAll(image, random.nextBoolean() ? image.length : Long.MAX_VALUE);
        }
    }

    @Test
    void flippedMasterBootRecordIsHarmless() {
        byte[] image = new MbrBuilder(200).diskId(1).primary(1, MbrBuilder.FAT32_LBA, 8, 40).primary(2, MbrBuilder.LINUX, 48, 100).bytes();
        fuzz(21, image, 440, 512);
    }

    @Test
    void flippedLogicalPartitionsAreHarmless() {
        byte[] image = new MbrBuilder(20).primary(1, MbrBuilder.EXTENDED, 1, 19).link(1, MbrBuilder.LINUX, 1, 2, 4)
                .link(5, MbrBuilder.LINUX, 1, 2, 8).link(9, MbrBuilder.LINUX, 1, 2, 0).bytes();
        fuzz(22, image, 440, 512 * 10);
    }

    @Test
    void flippedGuidPartitionTableIsHarmless() {
        byte[] image = new GptBuilder(100).partition(1, GptBuilder.LINUX, GptBuilder.DISK, 34, 40, "a").bytes();
        fuzz(23, image, 440, 1024 + 128);
    }

    @Test
    void guidPartitionTableWithFalseValuesIsHarmless() {
        // Flipped bits alone would be rejected by the checksums.
        Random random = new Random(24);
        for (int round = 0; round < ROUNDS; round++) {
            GptBuilder table = new GptBuilder(100).partition(1 + random.nextInt(128), GptBuilder.LINUX, GptBuilder.DISK,
                    random.nextLong() >> random.nextInt(64), random.nextLong() >> random.nextInt(64), "x");
            if (random.nextInt(4) == 0) {
                table.claim(random.nextInt() >> random.nextInt(32), 1 << random.nextInt(32));
            }
            readAll(table.bytes(), 51200);
        }
    }

    @Test
    void flippedSuperblocksAreHarmless() {
        List<SuperblockBuilder> superblocks = List.of(SuperblockBuilder.ext4(9, "x"), SuperblockBuilder.fat32(64, "x"),
                SuperblockBuilder.fat16(64, "x"), SuperblockBuilder.xfs(9, "x"), SuperblockBuilder.f2fs(9, "x"),
                SuperblockBuilder.squashfs(9), SuperblockBuilder.exfat(9), SuperblockBuilder.ntfs(9));
        for (SuperblockBuilder superblock : superblocks) {
            byte[] bytes = superblock.bytes();
            fuzz(25, bytes, 0, Math.min(bytes.length, 1500));
        }
    }
}
