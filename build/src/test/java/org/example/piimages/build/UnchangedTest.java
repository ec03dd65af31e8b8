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
    private Bench bench;

    @BeforeEach
    void bench() throws IOException {
        bench = new Bench(directory);
    }

    private Object inode(String name) throws IOException {
        return Files.getAttribute(bench.work.resolve(name), "unix:ino");
    }

    @Test
    void keepsUnchangedImage() throws Exception {
        assertFalse(bench.build(RECIPE).isUnchanged());
        Object image = inode("pi.img");
        BuildResult again = bench.build(RECIPE);
        assertTrue(again.isUnchanged());
        assertEquals(1, again.cached());
        assertEquals(List.of(), bench.images.requests);
        assertEquals(image, inode("pi.img"));
        bench.useCache = false;
        assertFalse(bench.build(RECIPE).isUnchanged());
        assertEquals("base\none\ncheck \n", bench.read("pi.img"));
    }

    @Test
    void recreatesChangedOrMissingResult() throws Exception {
        bench.build(RECIPE);
        Files.writeString(bench.work.resolve("pi.img"), "mine", StandardOpenOption.APPEND);
        assertFalse(bench.build(RECIPE).isUnchanged());
        assertFalse(bench.read("pi.img").endsWith("mine"));
        Files.delete(bench.work.resolve("out.img.xz"));
        bench.build(RECIPE);
        assertTrue(bench.images.requests.stream().anyMatch(what -> what.startsWith("pack")), bench.images.requests::toString);
        assertTrue(Files.exists(bench.work.resolve("out.img.xz")));
        assertFalse(bench.build("FROM base.img", "RUN other").isUnchanged());
        assertEquals("base\nother\n", bench.read("pi.img"));
    }

    @Test
    void stateAfterFailureDiffersFromStateAfterSuccess() throws Exception {
        String[] recipe = {"FROM base.img", "RUN false x || true", "RUN after"};
        bench.build(recipe);
        assertEquals(1, bench.build(recipe).done());
        bench.images.nothingFails = true;
        assertEquals(2, bench.build(recipe).done());
    }

    @Test
    void doesNotCacheStepsAfterUnrepeatableStep() throws Exception {
        bench.put("settings.toml", "ssh = true");
        String[] recipe = {"FROM base.img", "CONFIGURE --from settings.toml", "RUN after"};
        bench.build(recipe);
        BuildResult again = bench.build(recipe);
        assertEquals(2, again.done());
        assertFalse(again.isUnchanged());
    }

    @Test
    void fullCacheDoesNotFailBuild() throws Exception {
        bench.images.failing = "/steps/";
        boolean isFull = false;
        // An image is stored if the steps take longer than storing it, which depends on the load of the host.
        for (int milliseconds = 20; !isFull && milliseconds <= 2000; milliseconds *= 10) {
            bench.build("FROM base.img", "for i in {1..20}; do RUN sleep " + milliseconds + "; done");
            isFull = bench.progress.stream().anyMatch(line -> line.contains("not cached: no space for it"));
        }
        assertTrue(isFull, "no image was to be stored");
        assertEquals(21, bench.read("pi.img").lines().count());
    }

    @Test
    void dryRunChangesNothing() throws Exception {
        String[] recipe = {"FROM base.img", "RUN one", "v=$(RUN version)", "HOST touch made", "INSTALL made /made", "CHECK", "SHRINK"};
        bench.isDryRun = true;
        BuildResult forecast = bench.build(recipe);
        assertEquals(4, forecast.done());
        List<String> lines = bench.progress.stream().map(line -> line.substring(line.indexOf(':', line.indexOf("Pifile")) + 1)).toList();
        assertEquals(List.of("3: RUN one (to do)", "4: RUN version (to do; steps that depend on its output may differ)",
                "5: HOST touch made (runs on the host each time)",
                "6: INSTALL made /made (to do; a HOST command may create the missing file: there is no " + bench.work + "/made)",
                "7: CHECK (at the end)", "8: SHRINK (to do)"), lines);
        assertTrue(Files.notExists(bench.work.resolve("pi.img")) && Files.notExists(bench.work.resolve("made")));
        bench.isDryRun = false;
        bench.build(recipe);
        bench.isDryRun = true;
        BuildResult second = bench.build(recipe);
        assertEquals(0, second.done());
        assertTrue(second.isUnchanged());
        assertTrue(bench.progress.get(0).matches(".*:3: RUN one \\(cached: [0-9a-f]{12}\\)"), bench.progress.get(0));
        assertEquals(Collections.emptyList(), bench.images.requests);
    }

    @Test
    void dryRunRejectsInvalidRecipe() {
        bench.isDryRun = true;
        for (String line : List.of("INSTALL none /x", "TO /none/x.img", "PACK", "RUN", "FROM http://example.org/x.img.xz")) {
            assertThrows(BuildException.class, () -> bench.build("FROM base.img", line), line);
        }
    }

    @Test
    void dryRunDownloadsNothing() throws Exception {
        bench.isDryRun = true;
        BuildResult forecast = bench.build("FROM https://example.invalid/pi.img.xz", "RUN one");
        assertEquals(1, forecast.done());
        assertTrue(bench.progress.get(0).endsWith("(to be downloaded)"), bench.progress.get(0));
    }
}
