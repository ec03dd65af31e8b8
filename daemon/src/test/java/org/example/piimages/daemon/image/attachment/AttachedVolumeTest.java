package org.example.piimages.daemon.image.attachment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.junit.jupiter.api.Test;

class AttachedVolumeTest {

    private static List<String> options(String type, boolean needsRecovery, boolean readOnly) {
        return AttachedVolume.options(new Filesystem(type, "", "", needsRecovery, 1, Optional.empty()), readOnly);
    }

    @Test
    void extErrorsDoNotPanic() {
        assertEquals(List.of("errors=remount-ro"), options("ext4", true, false));
        assertEquals(List.of("errors=remount-ro"), options("ext2", false, false));
        assertEquals(List.of(), options("vfat", false, false));
    }

    @Test
    void xfsCopiesCanBeMountedTogether() {
        assertEquals(List.of("nouuid"), options("xfs", false, false));
    }

    @Test
    void readOnlyReplaysNoJournal() {
        assertEquals(List.of("errors=remount-ro", "ro", "noload"), options("ext4", true, true));
        assertEquals(List.of("errors=remount-ro", "ro"), options("ext4", false, true));
        assertEquals(List.of("errors=remount-ro", "ro"), options("ext2", true, true));
        assertEquals(List.of("nouuid", "ro", "norecovery"), options("xfs", false, true));
        assertEquals(List.of("ro", "rescue=nologreplay"), options("btrfs", false, true));
        assertEquals(List.of("ro"), options("squashfs", false, true));
    }

    @Test
    void readOnlyTypesAreAlwaysMountedReadOnly() {
        assertEquals(List.of("ro"), options("squashfs", false, false));
        assertEquals(List.of("ro"), options("erofs", false, false));
    }
}
