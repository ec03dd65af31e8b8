package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.OpenFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors that a client passes. */
class CallerFilesTest {

    private static final int O_WRONLY = 1;

    @TempDir
    private Path directory;

    private static Failure refusal(String path, int flags) throws IOException {
        try (Fd given = Lookup.trusted(path, flags)) {
            return assertThrows(Failure.class, () -> CallerFiles.adopt(given).close(), path);
        }
    }

    /** Kernel files may show more, and allow more to be changed, when root opens them again. */
    @Test
    void refusesKernelFile() throws IOException {
        for (String path : new String[] {"/proc/self/maps", "/proc/self/status", "/proc/sys/kernel/ostype", "/proc/version",
            "/sys/devices/system/cpu/online"}) {
            Failure failure = refusal(path, OpenFlags.O_RDONLY);
            assertEquals(Failure.Kind.INVALID_IMAGE, failure.kind(), path);
            assertEquals("is a kernel file, such as those in /proc, not an image file", failure.getMessage());
        }
    }

    @Test
    void refusesDescriptorNotOpenForReading() throws IOException {
        Path file = Files.writeString(directory.resolve("secret.img"), "secret");
        for (int flags : new int[] {OpenFlags.O_PATH, O_WRONLY}) {
            assertEquals(Failure.Kind.ACCESS_DENIED, refusal(file.toString(), flags).kind());
        }
    }

    @Test
    void refusesDirectoryAndDevice() throws IOException {
        assertEquals(Failure.Kind.INVALID_IMAGE, refusal(directory.toString(), OpenFlags.O_RDONLY).kind());
        assertEquals(Failure.Kind.INVALID_IMAGE, refusal("/dev/null", OpenFlags.O_RDONLY).kind());
    }

    @Test
    void fileIsWritableIfTheDescriptorIs() throws IOException {
        Path file = Files.writeString(directory.resolve("pi.img"), "image");
        try (Fd given = Lookup.trusted(file.toString(), OpenFlags.O_RDONLY); OpenFile adopted = CallerFiles.adopt(given)) {
            assertFalse(adopted.isWritable());
        }
        try (Fd given = Lookup.trusted(file.toString(), OpenFlags.O_RDWR); OpenFile adopted = CallerFiles.adopt(given)) {
            assertTrue(adopted.isWritable());
        }
    }
}
