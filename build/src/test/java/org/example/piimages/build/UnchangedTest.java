package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which results of an earlier build are reused, and what a dry run reports. */
class UnchangedTest {

    private static final String[] RECIPE = {"FROM base.img", "RUN one", "CHECK", "PACK out.img.xz"};

    @TempDir
    Path directory;
    private BuildFixture fixture;

    @BeforeEach
    void fixture() throws IOException {
        fixture = new BuildFixture(directory);
    }

    private Object inode(String name) throws IOException {
        return Files.getAttribute(fixture.work.resolve(name), "unix:ino");
    }

    @Test
    void keepsUnchangedImage() throws Exception {
        assertFalse(fixture.build(RECIPE).isUnchanged());
        Object image = inode("pi.img");
        BuildResult again = fixture.build(RECIPE);
        assertTrue(again.isUnchanged());
        assertEquals(1, again.cached());
        assertEquals(List.of(), fixture.images.requests);
        assertEquals(image, inode("pi.img"));
        fixture.useCache = false;
        assertFalse(fixture.build(RECIPE).isUnchanged());
        assertEquals("base\none\ncheck \n", fixture.read("pi.img"));
    }

    @Test
    void recreatesChangedOrMissingResult() throws Exception {
        fixture.build(RECIPE);
        Files.writeString(fixture.work.resolve("pi.img"), "mine", StandardOpenOption.APPEND);
        assertFalse(fixture.build(RECIPE).isUnchanged());
        assertFalse(fixture.read("pi.img").endsWith("mine"));
        Files.delete(fixture.work.resolve("out.img.xz"));
        fixture.build(RECIPE);
        assertTrue(fixture.images.requests.stream().anyMatch(what -> what.startsWith("pack")), fixture.images.requests::toString);
        assertTrue(Files.exists(fixture.work.resolve("out.img.xz")));
        assertFalse(fixture.build("FROM base.img", "RUN other").isUnchanged());
        assertEquals("base\nother\n", fixture.read("pi.img"));
    }

    @Test
    void stateAfterFailureDiffersFromStateAfterSuccess() throws Exception {
        String[] recipe = {"FROM base.img", "RUN false x || true", "RUN after"};
        fixture.build(recipe);
        assertEquals(1, fixture.build(recipe).done());
        fixture.images.nothingFails = true;
        assertEquals(2, fixture.build(recipe).done());
    }

    @Test
    void doesNotCacheStepsAfterUnrepeatableStep() throws Exception {
        fixture.put("settings.toml", "ssh = true");
        String[] recipe = {"FROM base.img", "CONFIGURE --from settings.toml", "RUN after"};
        fixture.build(recipe);
        BuildResult again = fixture.build(recipe);
        assertEquals(2, again.done());
        assertFalse(again.isUnchanged());
    }

    @Test
    void fullCacheDoesNotFailBuild() throws Exception {
        fixture.images.failing = "/steps/";
        boolean isFull = false;
        // An image is stored if the steps take longer than storing it, which depends on the load of the host.
        for (int milliseconds = 20; !isFull && milliseconds <= 2000; milliseconds *= 10) {
            fixture.build("FROM base.img", "for i in {1..20}; do RUN sleep " + milliseconds + "; done");
            isFull = fixture.progress.stream().anyMatch(line -> line.contains("not cached: no space for it"));
        }
        assertTrue(isFull, "no image was to be stored");
        assertEquals(21, fixture.read("pi.img").lines().count());
    }

    @Test
    void dryRunChangesNothing() throws Exception {
        String[] recipe = {"FROM base.img", "RUN one", "v=$(RUN version)", "HOST touch made", "INSTALL made /made", "CHECK", "SHRINK"};
        fixture.isDryRun = true;
        BuildResult forecast = fixture.build(recipe);
        assertEquals(4, forecast.done());
        List<String> lines = fixture.progress.stream().map(line -> line.substring(line.indexOf(':', line.indexOf("Pifile")) + 1)).toList();
        assertEquals(List.of("3: RUN one (to do)", "4: RUN version (to do; steps that depend on its output may differ)",
                "5: HOST touch made (runs on the host each time)",
                "6: INSTALL made /made (to do; a HOST command may create the missing file: there is no " + fixture.work + "/made)",
                "7: CHECK (at the end)", "8: SHRINK (to do)"), lines);
        assertTrue(Files.notExists(fixture.work.resolve("pi.img")) && Files.notExists(fixture.work.resolve("made")));
        fixture.isDryRun = false;
        fixture.build(recipe);
        fixture.isDryRun = true;
        BuildResult second = fixture.build(recipe);
        assertEquals(0, second.done());
        assertTrue(second.isUnchanged());
        assertTrue(fixture.progress.get(0).matches(".*:3: RUN one \\(cached: [0-9a-f]{12}\\)"), fixture.progress.get(0));
        assertEquals(Collections.emptyList(), fixture.images.requests);
    }

    @Test
    void dryRunRejectsInvalidRecipe() {
        fixture.isDryRun = true;
        for (String line : List.of("INSTALL none /x", "TO /none/x.img", "PACK", "RUN", "FROM http://example.org/x.img.xz")) {
            assertThrows(BuildException.class, () -> fixture.build("FROM base.img", line), line);
        }
    }

    @Test
    void dryRunDownloadsNothing() throws Exception {
        fixture.isDryRun = true;
        BuildResult forecast = fixture.build("FROM https://example.invalid/pi.img.xz", "RUN one");
        assertEquals(1, forecast.done());
        assertTrue(fixture.progress.get(0).endsWith("(to be downloaded)"), fixture.progress.get(0));
    }
}
