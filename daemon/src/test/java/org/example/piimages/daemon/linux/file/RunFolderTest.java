package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {

    @TempDir
    private Path folder;

    @Test
    void recordReplacesOldOneAndLeavesNoDraft() throws Exception {
        Path file = folder.resolve("records").resolve("one");
        Properties record = new Properties();
        for (String value : List.of("first", "second")) {
            record.setProperty("key = #", value + "\n");
            RunFolder.writeRecord(file, record);
        }
        assertEquals(Optional.of(record), RunFolder.readRecord(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
        assertEquals(List.of(file), RunFolder.entries(file.getParent()));
        try (var all = Files.list(file.getParent())) {
            assertEquals(List.of(file), all.toList());
        }
    }

    @Test
    void leftoverDraftIsNotAnEntry() throws Exception {
        Files.writeString(folder.resolve(".one.new"), "half a rec");
        assertEquals(List.of(), RunFolder.entries(folder));
        RunFolder.writeRecord(folder.resolve("one"), new Properties());
        assertEquals(List.of(folder.resolve("one")), RunFolder.entries(folder));
    }

    @Test
    void removesOnlyLeftoverDrafts() throws Exception {
        for (String name : List.of(".one.new", ".other.new", "one", ".hidden")) {
            Files.writeString(folder.resolve(name), "");
        }
        RunFolder.removeDrafts(folder, "one");
        assertFalse(Files.exists(folder.resolve(".one.new")));
        RunFolder.removeDrafts(folder, "");
        try (var left = Files.list(folder)) {
            assertEquals(List.of(folder.resolve(".hidden"), folder.resolve("one")), left.sorted().toList());
        }
        RunFolder.removeDrafts(folder.resolve("none"), "");
    }

    @Test
    void missingRecordAndFolderAreEmpty() throws Exception {
        assertEquals(Optional.empty(), RunFolder.readRecord(folder.resolve("none")));
        assertEquals(List.of(), RunFolder.entries(folder.resolve("none")));
        RunFolder.removeFolder(folder.resolve("none"));
    }

    @Test
    void removesFullFolderOnlyRecursively() throws Exception {
        Path machine = Files.createDirectory(folder.resolve("machine"));
        Files.writeString(machine.resolve("record"), "");
        RunFolder.removeIfEmpty(machine);
        assertEquals(1, RunFolder.entries(machine).size());
        RunFolder.removeFolder(machine);
        assertFalse(Files.exists(machine));
    }
}
