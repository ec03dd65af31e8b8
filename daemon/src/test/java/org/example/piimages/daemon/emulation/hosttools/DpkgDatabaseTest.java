package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.libc.Fd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DpkgDatabaseTest {

    private static final String STATUS = """
            Package: dash
            Status: install ok installed
            Architecture: armhf
            Version: 0.5.12-2

            Package: sed
            Status: deinstall ok config-files
            Architecture: armhf
            Version: 4.9-1
            Description: says
             Version: 5

            Package: libc6
            Status: install ok installed
            Architecture: armhf
            Multi-Arch: same
            Version: 2.36-9""";

    @TempDir
    private Path directory;

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve("var/lib/dpkg").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void knowsInstalledPackagesOnly() throws IOException {
        write("status", STATUS);
        write("info/dash.md5sums", "0123456789abcdef0123456789abcdef  bin/dash\nshort\n");
        write("info/libc6:armhf.md5sums", "0123456789abcdef0123456789abcdef  lib/ld.so\n");
        try (Fd root = DirectoryTree.open(directory)) {
            DpkgDatabase database = DpkgDatabase.read(new DirectoryTree(root), Set.of("dash", "sed", "libc6", "grep"));
            assertEquals(Optional.of("0.5.12-2"), database.version("dash"));
            assertEquals(Optional.empty(), database.version("sed"));
            assertEquals(Optional.empty(), database.version("grep"));
            assertEquals(Optional.of("2.36-9"), database.version("libc6"));
            assertEquals(Optional.of("armhf"), database.architecture("dash"));
            assertEquals(Map.of("/bin/dash", "0123456789abcdef0123456789abcdef"), database.checksums("dash"));
            assertEquals(Set.of("/lib/ld.so"), database.checksums("libc6").keySet());
            assertEquals(Map.of(), database.checksums("sed"));
        }
    }

    @Test
    void largeStatusFileTakesLittleMemory() throws IOException {
        write("status", "Description: " + "x".repeat(20 << 20) + "\n\nPackage: dash\nStatus: install ok installed\nVersion: 1-1\n");
        try (Fd root = DirectoryTree.open(directory)) {
            assertEquals(Optional.of("1-1"), DpkgDatabase.read(new DirectoryTree(root), Set.of("dash")).version("dash"));
        }
    }

    @Test
    void sparseStatusFileIsNotReadToItsEnd() throws IOException {
        write("status", "Package: dash\nStatus: install ok installed\nVersion: 1-1\n\n");
        try (RandomAccessFile status = new RandomAccessFile(directory.resolve("var/lib/dpkg/status").toFile(), "rw")) {
            status.setLength(1L << 42);
        }
        try (Fd root = DirectoryTree.open(directory)) {
            Set<String> wanted = Set.of("dash");
            DirectoryTree tree = new DirectoryTree(root);
            assertTimeoutPreemptively(Duration.ofSeconds(30),
                    () -> assertEquals(Optional.of("1-1"), DpkgDatabase.read(tree, wanted).version("dash")));
        }
    }

    @Test
    void systemWithoutDpkgHasNoPackages() throws IOException {
        try (Fd root = DirectoryTree.open(directory)) {
            assertEquals(Optional.empty(), DpkgDatabase.read(new DirectoryTree(root), Set.of("dash")).version("dash"));
        }
        assertThrows(IOException.class, () -> DirectoryTree.open(directory.resolve("nowhere")));
    }
}
