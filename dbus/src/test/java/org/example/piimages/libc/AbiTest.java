package org.example.piimages.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbiTest {

    @Test
    void findsCpuByJavaName() {
        assertEquals(Optional.of(Abi.AMD64), Abi.ofJava("amd64"));
        assertEquals(Optional.of(Abi.ARM64), Abi.ofJava("aarch64"));
        assertTrue(Abi.isKnown());
    }

    /** Numbers of another CPU are never used: those of 32-bit ARM are as wrong on ARM64 as those of x86. */
    @Test
    void otherCpusAreUnknown() {
        for (String name : new String[] {"arm", "riscv64", "ppc64le", "s390x", "i386", "x86", ""}) {
            assertEquals(Optional.empty(), Abi.ofJava(name), name);
        }
    }

    @Test
    void kernelInterpretsFlagsAsIntended(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertEquals(Errno.ENOTDIR, errno(file, OpenFlags.O_DIRECTORY));
        assertEquals(Errno.ELOOP, errno(link, OpenFlags.O_NOFOLLOW));
        new Fd(Libc.call("open", directory.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC)).close();
    }

    private static int errno(Path path, int flags) {
        return assertThrows(ErrnoException.class,
                () -> Libc.call("open", path.toString(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC | flags)).errno();
    }
}
