package org.example.piimages.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LibcTest {

    private static ErrnoException refused(String path) {
        return assertThrows(ErrnoException.class, () -> Libc.call("open", path, 0));
    }

    @Test
    void errnoAndItsText() {
        ErrnoException e = refused("/nowhere/at/all");
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals("open: No such file or directory", e.getMessage());
        assertEquals("No such file or directory", e.reason());
        assertEquals(Errno.ENOTDIR, refused("/dev/null/x").errno());
        assertEquals(Errno.ENAMETOOLONG, refused("/" + "x".repeat(300)).errno());
        assertEquals(Errno.ENOSYS, assertThrows(ErrnoException.class, () -> Libc.callLong("syscall", 100_000)).errno());
    }

    @Test
    void stringsAreUtf8AndNulIsRejected() throws Exception {
        Path directory = Files.createTempDirectory("libc");
        try {
            Libc.call("mkdir", directory + "/ö漢🍓", 0700);
            Files.delete(directory.resolve("ö漢🍓"));
        } finally {
            Files.delete(directory);
        }
        assertThrows(IllegalArgumentException.class, () -> Libc.call("open", "/dev/null\0x", 0));
        assertThrows(IllegalArgumentException.class, () -> Libc.call("open", 1.5, 0));
    }

    @Test
    void unknownFunctionIsLinkError() {
        assertThrows(UnsatisfiedLinkError.class, () -> Libc.call("no_such_function"));
    }

    @Test
    void descriptorIsClosedOnceAndUnusableAfterwards() throws Exception {
        Fd fd = new Fd(Libc.call("open", "/dev/null", 0));
        Path entry = Path.of(fd.procPath());
        fd.close();
        assertFalse(Files.exists(entry));
        try (Fd next = new Fd(Libc.call("open", "/dev/null", 0))) {
            fd.close();
            assertEquals(0, Libc.callLong("read", next.number(), new byte[1], 1), "closing again must not close another's");
        }
        assertThrows(IllegalStateException.class, fd::number);
        assertThrows(IllegalArgumentException.class, () -> new Fd(-1));
    }

    @Test
    void releasedDescriptorStaysOpen() throws Exception {
        Fd fd = new Fd(Libc.call("open", "/dev/null", 0));
        int number = fd.release();
        fd.close();
        try (Fd again = new Fd(number)) {
            assertEquals(0, Libc.callLong("read", again.number(), new byte[1], 1));
        }
    }
}
