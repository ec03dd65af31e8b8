package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests builds of recipes, which bash executes, with {@link FakeImages}. */
class BuildTest {

    @TempDir
    Path directory;
    private final List<String> progress = new ArrayList<>();
    private Path work;
    private FakeImages images;
    private int lastLine;
    private boolean useCache = true;
    private boolean shellOnError;
    private boolean isDryRun;

    @BeforeEach
    void base() throws IOException {
        work = Files.createDirectory(directory.resolve("work"));
        images = new FakeImages(Files.createDirectory(directory.resolve("root")));
        put("base.img", "base\n");
    }

    private Path put(String name, String text) throws IOException {
        return Files.writeString(work.resolve(name), text);
    }

    private BuildResult build(String... lines) throws BuildException, IOException {
        Path recipe = put("pi.Pifile", "cd '" + work + "'\n" + String.join("\n", lines) + "\n");
        images.requests.clear();
        progress.clear();
        return Build.run(images,
                new BuildRequest(recipe, Cache.in(directory.resolve("cache")), useCache, lastLine, null, null, true, shellOnError, isDryRun,
                        progress::add));
    }

    /** Returns the operations without copies: whether an image is copied to the cache depends on the time that the steps take. */
    private List<String> operations() {
        return images.requests.stream().filter(what -> !what.startsWith("copy ")).toList();
    }

    private String builtImage() throws IOException {
        return Files.readString(work.resolve("pi.img"));
    }

    private void assertFiles(String... names) throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            assertEquals(Stream.of(names).sorted().toList(), files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertFalse(images.isMounted());
    }

    @Test
    void runsCommandsInTheOrderOfTheirStages() throws Exception {
        build("SHRINK", "RUN one 'two  words'", "FROM base.img 2", "PUMP 100M", "SHRINK 8M", "ZERO");
        assertEquals(List.of("grow +100M", "one two  words", "shrink ", "shrink --margin=8M"), operations());
        assertEquals("base\ngrow +100M\none two  words\nshrink \nshrink --margin=8M\n", builtImage());
        assertFiles("base.img", "pi.Pifile", "pi.img");
    }

    @Test
    void skipsUnchangedSteps() throws Exception {
        build("FROM base.img", "RUN one", "RUN two");
        String first = builtImage();
        BuildResult again = build("FROM base.img", "RUN one", "RUN two");
        assertEquals(2, again.cached());
        assertEquals(0, again.done());
        assertEquals(first, builtImage());
        BuildResult changed = build("FROM base.img", "RUN one", "RUN other", "RUN two");
        assertEquals(1, changed.cached());
        assertEquals("base\none\nother\ntwo\n", builtImage());
        put("base.img", "other base\n");
        assertEquals(0, build("FROM base.img", "RUN one").cached());
        assertEquals("other base\none\n", builtImage());
    }

    @Test
    void repeatsStepsWithoutStoredImage() throws Exception {
        build("FROM base.img", "RUN one", "RUN two");
        try (Stream<Path> kept = Files.list(directory.resolve("cache/steps"))) {
            kept.filter(file -> file.toString().endsWith(".img")).forEach(file -> file.toFile().delete());
        }
        BuildResult again = build("FROM base.img", "RUN one", "RUN two", "RUN three");
        assertEquals(2, again.cached());
        assertEquals(List.of("one", "two", "three"), operations());
        assertEquals("base\none\ntwo\nthree\n", builtImage());
    }

    @Test
    void storesImageIfStepsTakeLongerThanStoring() throws Exception {
        images.copyMilliseconds = 200;
        String[] quick = Stream.concat(Stream.of("FROM base.img"), Stream.generate(() -> "RUN one").limit(10)).toArray(String[]::new);
        build(quick);
        assertEquals(0, storedImages());
        build("FROM base.img", "RUN sleep 2500", "RUN two");
        assertEquals(1, storedImages());
    }

    @Test
    void costOfStoringIncludesMounting() throws Exception {
        images.mountMilliseconds = 300;
        build("FROM base.img", "RUN sleep 1000", "RUN two");
        assertEquals(0, storedImages());
    }

    private long storedImages() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("cache/steps"))) {
            return files.filter(file -> file.toString().endsWith(".img")).count();
        }
    }

    @Test
    void repeatsAllStepsWithoutCache() throws Exception {
        build("FROM base.img", "RUN one");
        useCache = false;
        assertEquals(1, build("FROM base.img", "RUN one").done());
    }

    @Test
    void failedStepCreatesNoImageAndIsNotCached() throws Exception {
        BuildException failure = assertThrows(BuildException.class, () -> build("FROM base.img", "RUN one", "RUN false x", "RUN two"));
        assertEquals(work.resolve("pi.Pifile") + ":4: RUN false x: exited with status 7; no image was created", failure.getMessage());
        assertFiles("base.img", "pi.Pifile");
        assertThrows(BuildException.class, () -> build("FROM base.img", "RUN one", "RUN false x", "RUN two"));
        assertTrue(operations().contains("false x"), operations()::toString);
        // A failure that the recipe handles does not fail the build.
        build("FROM base.img", "RUN false x || RUN instead", "if ! RUN false y; then RUN then; fi");
        assertEquals("base\nfalse x\ninstead\nfalse y\nthen\n", builtImage());
    }

    @Test
    void startsShellInImageAfterFailedStep() throws Exception {
        shellOnError = true;
        assertThrows(BuildException.class, () -> build("FROM base.img", "RUN one", "ENV NAME value", "WORKDIR /none", "RUN false x"));
        assertEquals(List.of("one", "false x", "shell [NAME=value, PIMOD=true] /"), operations());
        assertFiles("base.img", "pi.Pifile");
        // If the image does not exist yet, it is created for the shell, by repeating the cached steps.
        Files.createDirectories(directory.resolve("root/srv"));
        assertThrows(BuildException.class, () -> build("FROM base.img", "RUN one", "WORKDIR /srv", "HOST false"));
        assertEquals("shell [PIMOD=true] /srv", operations().get(operations().size() - 1));
        // No shell if the recipe is invalid, or the image was not begun.
        assertThrows(BuildException.class, () -> build("FROM base.img", "PUMP nonsense"));
        assertThrows(BuildException.class, () -> build("FROM none.img", "RUN one"));
        assertFalse(String.join(" ", operations()).contains("shell"), operations()::toString);
        // A shell that cannot be started does not hide the error of the step.
        images.failing = "shell";
        BuildException failure = assertThrows(BuildException.class, () -> build("FROM base.img", "RUN false x"));
        assertTrue(failure.getMessage().contains("RUN false x: exited with status 7"), failure::getMessage);
    }

    @Test
    void rejectsPackingToFileOfAnotherBuild() throws Exception {
        Path lock = directory.resolve("cache/locks").resolve(new Fingerprint().add("PACK", work + "/packed.img.xz").text());
        build("FROM base.img");
        LockFile others = LockFile.tryAcquire(lock, false);
        BuildException failure = assertThrows(BuildException.class, () -> build("FROM base.img", "PACK packed.img.xz"));
        assertTrue(failure.getMessage().contains("another build is packing"), failure::getMessage);
        others.close();
        build("FROM base.img", "PACK packed.img.xz", "PACK packed.img.xz");
        assertEquals("base\n", Files.readString(work.resolve("packed.img.xz")));
        // The lock was released.
        build("FROM base.img", "RUN one", "PACK packed.img.xz");
    }

    @Test
    void failedBuildRemovesPackedFile() throws Exception {
        images.endsWithCopies = true;
        assertThrows(BuildException.class, () -> build("FROM base.img", "PACK packed.img.xz"));
        assertFiles("base.img", "pi.Pifile");
    }

    @Test
    void readsOnlyInputRedirectedToCommand() throws Exception {
        build("FROM base.img", "RUN tee /a <<EOF", "hello", "EOF", "echo piped | RUN tee /b", "printf '1\\n2\\n' >list",
                "while read -r x; do RUN loop $x; done <list", "printf '3\\n4\\n' | while read -r x; do RUN loop $x; done",
                "RUN <<EOF", "a script", "EOF");
        assertEquals("base\ntee /a <hello\ntee /b <piped\nloop 1\nloop 2\nloop 3\nloop 4\n/bin/sh <a script\n", builtImage());
        assertEquals(7, build("FROM base.img", "RUN tee /a <<<hello", "echo piped | RUN tee /b", "RUN loop 1", "RUN loop 2", "RUN loop 3",
                "RUN loop 4", "RUN <<<'a script'").cached());
    }

    @Test
    void capturedOutputIsCached() throws Exception {
        String[] recipe = {"FROM base.img", "v=$(RUN version)", "if [[ -n $v ]]; then RUN echo \"$v\"; fi"};
        build(recipe);
        assertEquals("base\nversion\necho said by version\n", builtImage());
        assertEquals(2, build(recipe).cached());
    }

    @Test
    void variablesDirectoriesAndSearchPath() throws Exception {
        build("FROM base.img", "ENV KIND small", "ENV GONE x", "ENV GONE", "PATH /opt/bin", "WORKDIR /srv", "RUN env @@KIND@@",
                "HOST sh -c 'echo @@KIND@@ >host'");
        assertEquals(List.of("env small", "KIND=small", "PIMOD=true",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"), operations());
        assertEquals("small\n", Files.readString(work.resolve("host")));
        assertEquals(0, build("FROM base.img", "ENV KIND large", "PATH /opt/bin", "WORKDIR /srv", "RUN env small").cached());
    }

    @Test
    void changedFileRepeatsItsStepAndLaterOnes() throws Exception {
        put("file", "1");
        Files.createDirectories(directory.resolve("root/etc"));
        String[] recipe = {"FROM base.img", "RUN before", "INSTALL 755 file /etc/", "RUN after"};
        build(recipe);
        assertEquals("1", Files.readString(directory.resolve("root/etc/file")));
        assertEquals(3, build(recipe).cached());
        put("file", "2");
        BuildResult changed = build(recipe);
        assertEquals(1, changed.cached());
        assertEquals(2, changed.done());
        Files.setAttribute(work.resolve("file"), "unix:mode", 0600);
        assertEquals(1, build(recipe).cached());
    }

    @Test
    void inplaceReplacesImageOnlyOnSuccess() throws Exception {
        assertThrows(BuildException.class, () -> build("INPLACE base.img", "RUN one", "RUN false"));
        assertEquals("base\n", Files.readString(work.resolve("base.img")));
        build("INPLACE base.img", "RUN one");
        assertEquals("base\none\n", Files.readString(work.resolve("base.img")));
        assertFiles("base.img", "pi.Pifile");
    }

    @Test
    void stopsAfterSpecifiedLine() throws Exception {
        lastLine = 4;
        build("FROM base.img", "RUN one", "RUN two", "RUN three", "SHRINK");
        assertEquals("base\none\ntwo\n", builtImage());
        lastLine = 40;
        assertThrows(BuildException.class, () -> build("FROM base.img", "RUN one"));
    }

    @Test
    void createsPackedFilesTogetherWithImage() throws Exception {
        build("FROM base.img", "RUN one", "CHECK", "PACK out.img.xz");
        assertEquals("base\none\ncheck \n", Files.readString(work.resolve("out.img.xz")));
        assertThrows(BuildException.class, () -> build("FROM base.img", "TO other.img", "PACK more.xz", "nonsense"));
        assertFiles("base.img", "pi.Pifile", "pi.img", "out.img.xz");
    }

    @Test
    void includesOtherRecipes() throws Exception {
        put("more.Pifile", "RUN included\nRUN false\n");
        BuildException failure = assertThrows(BuildException.class, () -> build("FROM base.img", "INCLUDE more"));
        assertTrue(failure.getMessage().startsWith("./more.Pifile:2: RUN false: exited with status 7"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "RUN one | neither FROM nor INPLACE specifies a source image",
        "FROM none.img | :2: FROM none.img: there is no file",
        "FROM base.img; TO /none/x.img | there is no directory /none",
        "FROM base.img; INSTALL none /x | INSTALL none /x: there is no",
        "FROM base.img; INSTALL rwx base.img /x | 'rwx' is not a valid mode",
        "FROM base.img; ADDPART x | this command of pimod is not supported",
        "FROM base.img; PUMP lots | 'lots' is not a valid size",
        "FROM base.img; INCLUDE https://example.org/x | a URL cannot be included",
        "FROM http://example.org/x.img.xz | use https",
        "FROM base.img; WORKDIR srv | is not an absolute path",
        "FROM base.img; INSTAL x y | ':2: INSTAL x y: exited with status 127'",
        "FROM base.img; RUN | no command specified"})
    void reportsInvalidCommandWithItsLine(String line, String message) throws IOException {
        BuildException failure = assertThrows(BuildException.class, () -> build(line.split("; ")[0] + (line.contains("; ")
                ? "; " + line.split("; ")[1] : "")));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
        assertEquals(1, failure.getMessage().lines().count());
        assertFiles("base.img", "pi.Pifile");
    }
}
