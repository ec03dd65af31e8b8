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

class RunDirectoryTest {

    @TempDir
    private Path directory;

    @Test
    void recordReplacesOldOneAndLeavesNoDraft() throws Exception {
        Path file = directory.resolve("records").resolve("one");
        Properties record = new Properties();
        for (String value : List.of("first", "second")) {
            record.setProperty("key = #", value + "\n");
            RunDirectory.writeRecord(file, record);
        }
        assertEquals(Optional.of(record), RunDirectory.readRecord(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
        assertEquals(List.of(file), RunDirectory.entries(file.getParent()));
        try (var all = Files.list(file.getParent())) {
            assertEquals(List.of(file), all.toList());
        }
    }

    @Test
    void leftoverDraftIsNotAnEntry() throws Exception {
        Files.writeString(directory.resolve(".one.new"), "half a rec");
        assertEquals(List.of(), RunDirectory.entries(directory));
        RunDirectory.writeRecord(directory.resolve("one"), new Properties());
        assertEquals(List.of(directory.resolve("one")), RunDirectory.entries(directory));
    }

    @Test
    void removesOnlyLeftoverDrafts() throws Exception {
        for (String name : List.of(".one.new", ".other.new", "one", ".hidden")) {
            Files.writeString(directory.resolve(name), "");
        }
        RunDirectory.removeDrafts(directory, "one");
        assertFalse(Files.exists(directory.resolve(".one.new")));
        RunDirectory.removeDrafts(directory, "");
        try (var left = Files.list(directory)) {
            assertEquals(List.of(directory.resolve(".hidden"), directory.resolve("one")), left.sorted().toList());
        }
        RunDirectory.removeDrafts(directory.resolve("none"), "");
    }

    @Test
    void missingRecordAndDirectoryAreEmpty() throws Exception {
        assertEquals(Optional.empty(), RunDirectory.readRecord(directory.resolve("none")));
        assertEquals(List.of(), RunDirectory.entries(directory.resolve("none")));
        RunDirectory.removeDirectory(directory.resolve("none"));
    }

    @Test
    void removesFullDirectoryOnlyRecursively() throws Exception {
        Path machine = Files.createDirectory(directory.resolve("machine"));
        Files.writeString(machine.resolve("record"), "");
        RunDirectory.removeIfEmpty(machine);
        assertEquals(1, RunDirectory.entries(machine).size());
        RunDirectory.removeDirectory(machine);
        assertFalse(Files.exists(machine));
    }
}
