package org.example.piimages.build.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the symbolic links of an image lead only to files in the image. */
class RootDirectoryTest {

    @TempDir
    Path directory;
    private Path root;
    private Path source;
    private RootDirectory image;

    @BeforeEach
    void image() throws IOException {
        root = Files.createDirectories(directory.resolve("root/etc")).getParent();
        source = Files.createDirectory(directory.resolve("source"));
        Files.writeString(source.resolve("file"), "new");
        image = new RootDirectory(root);
    }

    @Test
    void resolvesLinksInImage() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createSymbolicLink(root.resolve("etc/absolute"), outside);
        Files.createSymbolicLink(root.resolve("etc/relative"), Path.of("../../../outside"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        assertEquals(Path.of(root.toString(), outside.toString()), image.resolve("/etc/absolute"));
        assertEquals(root.resolve("outside"), image.resolve("etc/relative"));
        assertEquals(root.resolve("x"), image.resolve("/../../x"));
        assertThrows(IOException.class, () -> image.resolve("/loop/x"));
        Files.createDirectory(root.resolve("outside"));
        image.install(source.resolve("file"), "/etc/relative/");
        assertTrue(Files.exists(root.resolve("outside/file")));
        assertFalse(Files.exists(outside.resolve("file")));
    }

    @Test
    void mergesIntoExistingDirectory() throws IOException {
        Files.createDirectory(source.resolve("ssl"));
        Files.writeString(source.resolve("ssl/key"), "key");
        Files.setPosixFilePermissions(source.resolve("ssl"), PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(source.resolve("link"), Path.of("file"));
        Files.writeString(root.resolve("etc/file"), "old and longer");
        Files.writeString(root.resolve("etc/other"), "other");
        Files.setPosixFilePermissions(root.resolve("etc"), PosixFilePermissions.fromString("rwxr-x--x"));
        image.install(source, "/etc");
        assertEquals("new", Files.readString(root.resolve("etc/file")));
        assertEquals("other", Files.readString(root.resolve("etc/other")));
        assertEquals("file", Files.readSymbolicLink(root.resolve("etc/link")).toString());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("etc/ssl"))));
        assertEquals("rwxr-x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("etc"))));
        assertEquals(root.resolve("etc/ssl/file"), image.install(source.resolve("file"), "/etc/ssl"));
        assertNull(image.install(source.resolve("link"), "/etc/file"));
        assertTrue(Files.isSymbolicLink(root.resolve("etc/file")));
    }

    @Test
    void createsNoParentDirectories() {
        assertThrows(IOException.class, () -> image.install(source.resolve("file"), "/none/file"));
    }
}
