package org.example.piimages.daemon.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.filesystem.E2fsprogs;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.junit.jupiter.api.Test;

class ImageChecksTest {

    private static final int SECTOR = 512;
    private static final int SECTORS = 4096;
    private static final int FIRST = 2048;

    private final byte[] image = new byte[SECTORS * SECTOR];

    private ImageChecks check(boolean worthwhile, String... mounted) throws IOException {
        ImageChecks checks = new ImageChecks(types -> intersection(types, Set.of(mounted)), E2fsprogs.parse("e2fsck 1.46.2 (28-Feb-2021)"));
        assertEquals(worthwhile, checks.checkPartitions(source()), checks.findings().toString());
        return checks;
    }

    private static Set<String> intersection(Collection<String> wanted, Set<String> mounted) {
        return wanted.stream().filter(mounted::contains).collect(Collectors.toSet());
    }

    private ByteSource source() {
        return new ByteSource() {
            @Override
            public long size() {
                return image.length;
            }

            @Override
            public void read(long offset, byte[] buffer) {
                System.arraycopy(image, (int) offset, buffer, 0, buffer.length);
            }
        };
    }

    private void number(int offset, int length, long value) {
        for (int i = 0; i < length; i++) {
            image[offset + i] = (byte) (value >> 8 * i);
        }
    }

    /** Writes an MBR with one Linux partition that contains ext2 or ext3; see Documentation/filesystems/ext4. */
    private void ext(int blocks, boolean needsRecovery) {
        number(0x1C2, 1, 0x83);
        number(0x1C6, 4, FIRST);
        number(0x1CA, 4, SECTORS - FIRST);
        number(0x1FE, 2, 0xAA55);
        int superblock = FIRST * SECTOR + 1024;
        number(superblock + 0x4, 4, blocks);
        number(superblock + 0x38, 2, 0xEF53);
        number(superblock + 0x4C, 4, 1);
        number(superblock + 0x5C, 4, needsRecovery ? 4 : 0);
        number(superblock + 0x60, 4, needsRecovery ? 4 : 0);
    }

    @Test
    void reportsNoProblemOfGoodImage() throws IOException {
        ext(1024, false);
        assertEquals(List.of(Finding.ok("partitions", "MBR with 1 partition"), Finding.ok("partition-1", "contains ext2")),
                check(true, "ext4").findings());
    }

    @Test
    void reportsFileThatIsNoImage() throws IOException {
        Finding finding = check(false, "ext4").findings().get(0);
        assertEquals(Severity.PROBLEM, finding.severity());
        assertTrue(finding.text().contains("not a disk image"), finding.text());
    }

    @Test
    void reportsTruncatedFilesystem() throws IOException {
        ext(1025, false);
        assertEquals(Severity.PROBLEM, check(true, "ext4").findings().get(1).severity());
    }

    @Test
    void reportsFilesystemWithoutKernelSupport() throws IOException {
        ext(1024, false);
        Finding finding = check(false).findings().get(1);
        assertEquals(Severity.PROBLEM, finding.severity());
        assertTrue(finding.text().contains("ext2"), finding.text());
    }

    @Test
    void warnsOfUnreplayedJournal() throws IOException {
        ext(1024, true);
        assertEquals(Severity.WARNING, check(true, "ext4").findings().get(1).severity());
    }

    @Test
    void warnsOfUnsupportedFeature() throws IOException {
        ext(1024, false);
        number(FIRST * SECTOR + 1024 + 0x5C, 4, 0x1000);
        Finding finding = check(true, "ext4").findings().get(1);
        assertEquals(Severity.WARNING, finding.severity());
        assertTrue(finding.text().contains("e2fsprogs 1.46 of this host does not support: orphan_file (since 1.47)"), finding.text());
    }

    @Test
    void warnsOfImageInUse() {
        ImageChecks checks = new ImageChecks(types -> Set.of(), Optional.empty());
        checks.addInaccessible(new Failure(Failure.Kind.BUSY, "in use"));
        checks.addInaccessible(new Failure(Failure.Kind.FAILED, "broken"));
        assertEquals(List.of(Severity.WARNING, Severity.PROBLEM), checks.findings().stream().map(Finding::severity).toList());
        assertFalse(checks.findings().get(0).text().isEmpty());
    }
}
