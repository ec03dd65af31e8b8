package org.example.piimages.daemon.linux.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {

    @Test
    void parsesFieldsAroundTheSeparator() {
        MountTable.Entry entry = MountTable.parse(
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue");
        assertEquals(new MountTable.Entry(36, 35, "98:0", Path.of("/mnt2"), "ext3", "/dev/root"), entry);
        assertEquals("tmpfs", MountTable.parse("1 0 0:5 / /run rw - tmpfs tmpfs rw").type());
    }

    @Test
    void escapesAreResolved() {
        assertEquals(Path.of("/a b\tc\nd\\e"), MountTable.parse("1 0 0:5 / /a\\040b\\011c\\012d\\134e rw - tmpfs x rw").target());
        assertEquals("a b", MountTable.parse("1 0 0:5 / / rw - tmpfs a\\040b rw").source());
    }

    @Test
    void bytesAreUtf8() {
        assertEquals(Path.of("/ö"), MountTable.parse("1 0 0:5 / /\u00c3\u00b6 rw - tmpfs x rw").target());
        assertEquals(Path.of("/ö"), MountTable.parse("1 0 0:5 / /\\303\\266 rw - tmpfs x rw").target());
    }

    @Test
    void carriageReturnsAreNotEscaped() {
        String line = " 0 0:5 / /home/alice/bo\rot rw - tmpfs x rw\n";
        assertEquals(List.of(Path.of("/home/alice/bo\rot"), Path.of("/home/alice/bo\rot")),
                MountTable.entries("1" + line + "2" + line).stream().map(MountTable.Entry::target).toList());
    }

    @Test
    void readsTheKernelsTable() throws Exception {
        assertEquals(Path.of("/"), MountTable.read().stream().map(MountTable.Entry::target).filter(Path.of("/")::equals).findFirst()
                .orElseThrow());
    }

    @Test
    void escapesPathsLikeTheKernel() {
        assertEquals("/a\\040b\\011c\\012d\\134e", MountTable.escape("/a b\tc\nd\\e"));
        assertEquals(Path.of("/ö x"), MountTable.parse("1 0 0:5 / " + MountTable.escape("/ö x") + " rw - tmpfs x rw").target());
    }

    @Test
    void distinguishesMountPointsFromDirectories() throws Exception {
        assertTrue(MountTable.isMountPoint(Path.of("/proc")));
        assertFalse(MountTable.isMountPoint(Path.of("/proc/self")));
        assertFalse(MountTable.isMountPoint(Path.of("/proc/no-such-file")));
        assertFalse(MountTable.isMountPoint(Path.of("/proc/version/x")));
        assertEquals(Path.of("/proc"), MountTable.below(Path.of("/proc")).get(0).target());
    }
}
