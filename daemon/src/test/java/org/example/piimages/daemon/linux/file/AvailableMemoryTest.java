package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvailableMemoryTest {

    @TempDir
    private Path directory;
    private Path unit;

    @BeforeEach
    void createFiles() throws IOException {
        unit = Files.createDirectories(directory.resolve("cgroup/system.slice/piimagesd.service"));
        Files.createDirectories(directory.resolve("proc/self"));
        Files.writeString(directory.resolve("proc/self/cgroup"), "0::/system.slice/piimagesd.service\n");
        Files.writeString(directory.resolve("proc/meminfo"), "MemTotal:  8000000 kB\nMemAvailable:    4000 kB\n");
    }

    private long room() {
        return AvailableMemory.bytes(directory.resolve("proc"), directory.resolve("cgroup"));
    }

    @Test
    void unlimitedUnitGetsAvailableMemory() throws IOException {
        assertEquals(4_096_000, room());
        Files.writeString(unit.resolve("memory.max"), "max\n");
        Files.writeString(unit.resolve("memory.current"), "1000000\n");
        assertEquals(4_096_000, room());
    }

    @Test
    void lowestLimitOfUnitAndParentsApplies() throws IOException {
        Files.writeString(unit.resolve("memory.high"), "3000000\n");
        Files.writeString(unit.resolve("memory.current"), "1000000\n");
        assertEquals(2_000_000, room());
        Files.writeString(unit.resolveSibling("memory.max"), "1500000\n");
        Files.writeString(unit.resolveSibling("memory.current"), "1400000\n");
        assertEquals(100_000, room());
        Files.writeString(unit.resolveSibling("memory.current"), "1600000\n");
        assertEquals(0, room());
    }

    @Test
    void unknownMemoryMeansNoLimit() throws IOException {
        Files.delete(directory.resolve("proc/meminfo"));
        Files.delete(directory.resolve("proc/self/cgroup"));
        assertEquals(Long.MAX_VALUE, room());
    }
}
