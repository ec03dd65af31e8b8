package org.example.piimages.daemon.machine.guest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.libc.Fd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramLookupTest {

    @TempDir
    private Path image;
    private Fd root;

    @BeforeEach
    void open() throws Exception {
        program("usr/bin/env", "rwxr-xr-x");
        program("usr/bin/data", "rw-r--r--");
        program("opt/tool", "rwxr-xr-x");
        Files.createSymbolicLink(image.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(image.resolve("usr/bin/linked"), Path.of("/opt/tool"));
        Files.createSymbolicLink(image.resolve("usr/bin/escape"), Path.of("../../../../../../../../bin/sh"));
        Files.createSymbolicLink(image.resolve("usr/bin/loop"), Path.of("loop"));
        root = DirectoryTree.open(image);
    }

    @AfterEach
    void close() {
        root.close();
    }

    private void program(String path, String mode) throws Exception {
        Path file = image.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private void assertFound(String command, String directory) {
        assertDoesNotThrow(() -> ProgramLookup.require(new DirectoryTree(root), command, directory), command);
    }

    private void assertRefused(Failure.Kind kind, String command) {
        assertEquals(kind, assertThrows(Failure.class, () -> ProgramLookup.require(new DirectoryTree(root), command, ""), command).kind());
    }

    @Test
    void findsCommandByPathNameAndDirectory() {
        assertFound("/usr/bin/env", "");
        assertFound("/bin/env", "");
        assertFound("env", "");
        assertFound("./tool", "/opt");
    }

    @Test
    void followsLinksWithinImage() {
        assertFound("linked", "");
        assertRefused(Failure.Kind.COMMAND_NOT_FOUND, "escape");
        assertRefused(Failure.Kind.COMMAND_NOT_FOUND, "loop");
    }

    @Test
    void distinguishesMissingFromNotExecutable() {
        assertRefused(Failure.Kind.COMMAND_NOT_FOUND, "nosuch");
        assertRefused(Failure.Kind.COMMAND_NOT_FOUND, "/../../../../../../bin/sh/x");
        assertRefused(Failure.Kind.COMMAND_NOT_EXECUTABLE, "data");
        assertRefused(Failure.Kind.COMMAND_NOT_EXECUTABLE, "/usr/bin");
    }
}
