package org.example.piimages.build.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.example.piimages.build.FakeImages;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;
import org.example.piimages.build.step.Draft;
import org.example.piimages.build.step.Step;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which entries the cache stores, and which it evicts first. */
class CacheTest {

    private static final Step STEP = new Step(new Location("pi.Pifile", 7, "RUN one"), "", true, draft -> 0);

    @TempDir
    Path directory;
    private Cache cache;

    @BeforeEach
    void cache() throws IOException {
        cache = Cache.in(directory.resolve("cache"));
    }

    private String store(int number, String used) throws IOException {
        String key = new Fingerprint().add(String.valueOf(number)).text();
        cache.record(key, STEP.location().toString(), STEP.output());
        Files.write(cache.image(key), new byte[1 << 20]);
        Files.setLastModifiedTime(directory.resolve("cache/steps/" + key + ".step"), FileTime.from(Instant.parse(used)));
        return key;
    }

    @Test
    void isAccessibleOnlyToOwner() throws IOException {
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("cache"))));
    }

    @Test
    void prunesLeastRecentlyUsedFirst() throws IOException {
        String old = store(1, "2026-01-01T00:00:00Z");
        String older = store(2, "2025-01-01T00:00:00Z");
        String recent = store(3, "2026-02-01T00:00:00Z");
        assertEquals(0, cache.prune(4 << 20));
        assertTrue(cache.prune(2 << 20) >= 1 << 20);
        assertFalse(cache.hasImage(older));
        cache.use(old);
        cache.prune(1 << 20);
        assertFalse(cache.hasImage(recent));
        assertTrue(cache.hasImage(old) && cache.isKnown(old, STEP.output()));
    }

    @Test
    void removesEntryByName() throws IOException {
        String key = store(1, "2026-01-01T00:00:00Z");
        Cache.Entry entry = cache.entries().get(0);
        assertEquals("pi.Pifile:7: RUN one", entry.title());
        assertFalse(cache.remove("nothing"));
        assertTrue(cache.remove(entry.name()));
        assertFalse(cache.isKnown(key, STEP.output()));
        store(1, "2026-01-01T00:00:00Z");
        cache.clear();
        assertTrue(cache.entries().isEmpty());
    }

    @Test
    void listsUnfinishedFileUntilComplete() throws Exception {
        Cache cache = Cache.in(directory.resolve("cache"));
        Path file = Files.writeString(directory.resolve("draft.img"), "draft");
        FakeImages images = new FakeImages(directory);
        Set<Path> unfinished = new HashSet<>();
        images.endsWithCopies = true;
        assertThrows(BuildException.class, () -> cache.keep("key", new Draft(images, file, 0, directory)::copyTo, unfinished));
        assertEquals(List.of(true), unfinished.stream().map(Files::exists).toList());
        images.endsWithCopies = false;
        cache.keep("key", new Draft(images, file, 0, directory)::copyTo, unfinished);
        assertTrue(cache.hasImage("key"));
        assertEquals(1, unfinished.size());
    }

    @Test
    void twoBuildsStoreSameStepConcurrently() throws Exception {
        FakeImages images = new FakeImages(directory);
        Draft draft = new Draft(images, Files.writeString(directory.resolve("draft.img"), "draft"), 0, directory);
        images.duringCopy = () -> keep(draft);
        keep(draft);
        assertEquals("draft", Files.readString(cache.image("key")));
    }

    private void keep(Draft draft) {
        try {
            cache.keep("key", draft::copyTo, new HashSet<>());
            cache.record("key", STEP.location().toString(), STEP.output());
        } catch (BuildException | IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void cannotBeOwnedWhileShared() throws Exception {
        LockFile use = cache.lockShared();
        BuildException busy = assertThrows(BuildException.class, cache::lockExclusively);
        assertTrue(busy.getMessage().contains("try again"), busy.getMessage());
        use.close();
        cache.lockExclusively().close();
    }

    @Test
    void keepsOutputAsLongAsRecord() throws Exception {
        Step step = new Step(STEP.location(), "", new CapturedOutput(Files.writeString(directory.resolve("output"), "text"), null), true,
                draft -> 0);
        cache.record("key", step.location().toString(), step.output());
        Files.setLastModifiedTime(cache.output("key", ".out"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        cache.prune(1 << 20);
        assertTrue(cache.isKnown("key", step.output()));
        Files.delete(cache.output("key", ".out"));
        assertFalse(cache.isKnown("key", step.output()));
        assertTrue(cache.isKnown("key", STEP.output()));
    }

    @Test
    void deletesUnwritableDirectory() throws Exception {
        Path top = Files.createDirectories(directory.resolve("top/inner"));
        Files.writeString(top.resolve("file"), "");
        Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("r-x------"));
        FileTree.delete(top.getParent());
        assertTrue(Files.notExists(top.getParent()));
        FileTree.delete(top.getParent());
    }

    @Test
    void ignoresForeignFiles() throws Exception {
        Files.createDirectory(directory.resolve("cache/downloads/mine"));
        Files.writeString(directory.resolve("cache/steps/mine.img"), "");
        assertEquals(List.of(), cache.entries());
    }

    @Test
    void truncatesCommandBetweenCharacters() throws Exception {
        String command = "x".repeat(79) + "\uD83E\uDD67 and more";
        Step step = new Step(new Location("pi.Pifile", 7, command), "", true, draft -> 0);
        cache.record("key", step.location().toString(), step.output());
        assertTrue(cache.isKnown("key", step.output()));
    }
}
