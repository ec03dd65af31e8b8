package org.example.piimages.daemon.linux.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelTest {

    @ParameterizedTest
    @CsvSource({"kernel/fs/fat/vfat.ko: kernel/fs/fat/fat.ko, vfat", "kernel/fs/ext4/ext4.ko.xz:, ext4", "loop.ko, loop", "'', ''"})
    void readsModuleNameFromLine(String line, String module) {
        assertEquals(module, Kernel.moduleName(line));
    }

    @Test
    void readsRunningKernel() throws Exception {
        assertTrue(Kernel.release().matches("\\d+\\.\\d+.*"), Kernel.release());
        assertTrue(Kernel.pageSize() >= 4096 && Integer.bitCount(Kernel.pageSize()) == 1, "page size " + Kernel.pageSize());
        assertEquals(Set.of("tmpfs"), Kernel.filesystems(List.of("tmpfs", "no-such-filesystem")));
    }
}
