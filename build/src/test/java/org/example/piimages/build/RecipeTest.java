package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests unusual recipes, file names and archives. */
class RecipeTest {

    @TempDir
    Path directory;
    private BuildFixture fixture;

    @BeforeEach
    void fixture() throws IOException {
        fixture = new BuildFixture(directory);
    }

    private String refusal(String... lines) {
        BuildException refusal = assertThrows(BuildException.class, () -> fixture.build(lines));
        assertEquals(1, refusal.getMessage().lines().count());
        return refusal.getMessage();
    }

    @Test
    void reportsCrLf() throws IOException {
        Path recipe = fixture.put("dos.Pifile", "FROM base.img\r\nRUN one\r\n");
        BuildException refusal = assertThrows(BuildException.class, () -> fixture.build(recipe));
        assertTrue(refusal.getMessage().contains("sed -i 's/\\r$//'"), refusal.getMessage());
        assertTrue(refusal("FROM base.img", "INCLUDE dos").contains("CR LF"));
    }

    @Test
    void reportsByteOrderMark() throws IOException {
        Path recipe = fixture.put("bom.Pifile", "\ufeffFROM base.img\nRUN one\n");
        BuildException refusal = assertThrows(BuildException.class, () -> fixture.build(recipe));
        assertTrue(refusal.getMessage().contains("sed -i '1s/^\\xef\\xbb\\xbf//' "), refusal.getMessage());
    }

    @Test
    void rejectsSpecialFilesWithoutReadingThem() throws Exception {
        assertTrue(refusal("FROM base.img", "INSTALL / /x").contains("the root directory of the host"));
        assertTrue(refusal("FROM base.img", "EXTRACT / /x").contains("the root directory of the host"));
        assertTrue(refusal("FROM base.img", "rm -f fifo; mkfifo fifo", "INSTALL fifo /x").contains("fifo is not a regular file"));
        assertTrue(refusal("FROM base.img", "rm -f fifo; mkfifo fifo", "EXTRACT fifo /x").contains("fifo is not a regular file"));
        assertTrue(refusal("FROM base.img", "INSTALL <(echo x) /x").contains("process substitution"));
        Files.writeString(fixture.images.mount(null, 0).resolve("file"), "");
        assertTrue(refusal("FROM base.img", "mkdir -p d", "INSTALL d /file").contains("/file: exists and is not a directory"));
    }

    @Test
    void unpacksArchiveWithDuplicateName() throws Exception {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(fixture.work.resolve("twice.zip")))) {
            for (String name : List.of("ab", "ac")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        // ZipOutputStream rejects duplicate names, so the second one is patched.
        byte[] archive = Files.readAllBytes(fixture.work.resolve("twice.zip"));
        Files.write(fixture.work.resolve("twice.zip"), new String(archive, StandardCharsets.ISO_8859_1).replace("\0\0ac", "\0\0ab")
                .getBytes(StandardCharsets.ISO_8859_1));
        fixture.build("FROM base.img", "EXTRACT twice.zip /");
        assertTrue(Files.exists(fixture.images.mount(null, 0).resolve("ab")));
    }

    @Test
    void rejectsInvalidUtf8() {
        String refusal = refusal("FROM base.img", "RUN echo $'caf\\xe9'");
        assertTrue(refusal.contains(":3: RUN echo") && refusal.contains("not valid UTF-8"), refusal);
    }

    @Test
    void acceptsUnusualFileNames() throws Exception {
        for (String name : List.of("-x.img", "a b.img", "a\nb.img", "$(a).img")) {
            fixture.build("FROM base.img", "TO '" + name + "'", "RUN one");
            assertEquals("base\none\n", fixture.read(name));
        }
        fixture.build(fixture.put("-a b.Pifile", "cd '" + fixture.work + "'; FROM base.img\n"));
        assertEquals("base\n", fixture.read("-a b.img"));
    }

    @Test
    void writesToTargetOfSymbolicLink() throws Exception {
        Files.createDirectory(fixture.work.resolve("disk"));
        fixture.put("disk/real.img", "old");
        Files.createSymbolicLink(fixture.work.resolve("link.img"), Path.of("disk/real.img"));
        fixture.build("FROM base.img", "TO link.img", "RUN one");
        assertTrue(Files.isSymbolicLink(fixture.work.resolve("link.img")));
        assertEquals("base\none\n", fixture.read("disk/real.img"));
        fixture.build("INPLACE link.img", "RUN two");
        assertEquals("base\none\ntwo\n", fixture.read("disk/real.img"));
        Files.delete(fixture.work.resolve("disk/real.img"));
        assertTrue(refusal("FROM base.img", "TO link.img").contains("is dangling"));
    }

    @Test
    void serializesBackgroundCommands() throws Exception {
        fixture.build("FROM base.img", "RUN false x & bad=$!", "RUN one & good=$!", "wait $good", "! wait $bad || RUN wrong", "RUN two");
        List<String> done = Stream.of(fixture.read("pi.img").split("\n")).sorted().toList();
        assertEquals(List.of("base", "false x", "one", "two"), done);
    }

    @Test
    void waitsForBackgroundCommandsAtTheEnd() throws Exception {
        fixture.build("FROM base.img", "late() { sleep 0.3; RUN three; }", "all() { late; }", "{ sleep 0.2", "RUN two; } &", "all &",
                "RUN one &", "name=RUN", "$name four &", "{ cat <<EOF", "[Unit]", "EOF", "RUN five; } &", "sleep 0.1 | RUN six &");
        assertEquals(List.of("base", "five", "four", "one", "six", "three", "two"),
                Stream.of(fixture.read("pi.img").split("\n")).map(line -> line.replaceFirst(" <.*", "")).sorted().toList());
        String refusal = refusal("FROM base.img", "{ sleep 0.2; RUN false x; } &", "RUN one");
        assertTrue(refusal.contains(":3: RUN false x: exited with status 7"), refusal);
        refusal = refusal("FROM base.img", "RUN false x &", "RUN one", "RUN two", "sleep 0.2", "exit 0");
        assertTrue(refusal.contains("exited with status 7"), refusal);
    }

    @Test
    void backgroundCommandThatTheRecipeKillsIsNoFailure() throws Exception {
        fixture.build("FROM base.img", "sleep 60 & killed=$!", "RUN one", "kill $killed");
        assertEquals("base\none\n", fixture.read("pi.img"));
    }

    @Test
    void standardErrorMayBeClosed() throws Exception {
        fixture.build("FROM base.img", "RUN one 2>&-");
        assertEquals("base\none\n", fixture.read("pi.img"));
    }

    @Test
    void backgroundCommandsOfOtherPassesAreNotExecuted() throws Exception {
        // In the first passes, HOST is not executed, so the script ends before this RUN.
        fixture.build("FROM base.img", "( (sleep 0.3; RUN late) & )", "HOST sleep 0.6", "RUN one");
        assertEquals("base\nlate\none\n", fixture.read("pi.img"));
    }

    @Test
    void functionsSubshellsAndPipes() throws Exception {
        fixture.build("FROM base.img", "both() { RUN \"$1\"; (RUN \"$2\"); }", "both one two", "RUN text | RUN tee /x",
                "RUN <<EOF", "$(echo lines)", "EOF", "set +e", "RUN false y", "set -e", "RUN end");
        assertEquals("base\none\ntwo\ntext\ntee /x <said by text\n/bin/sh <lines\nfalse y\nend\n", fixture.read("pi.img"));
    }

    @Test
    void failsForUnsetVariable() {
        assertTrue(refusal("FROM base.img", "RUN rm $NOT_SET/x").contains("bash exited with status 1"));
        assertTrue(Files.notExists(fixture.work.resolve("pi.img")));
    }

    @Test
    void variableNamesAreLiteral() throws Exception {
        fixture.build("FROM base.img", "ENV 'a]b' 'c&d'", "RUN one @@a]b@@", "ENV 'a]b'", "RUN two @@a]b@@");
        assertEquals("base\none c&d\ntwo @@a]b@@\n", fixture.read("pi.img"));
        assertTrue(refusal("FROM base.img", "ENV '' x").contains("is not a valid variable name"));
    }

    @Test
    void doesNotSearchIncludeInPath() throws Exception {
        Files.createDirectory(fixture.work.resolve("bin"));
        fixture.put("bin/more.Pifile", "RUN wrong\n");
        fixture.put("more.Pifile", "RUN right\n");
        fixture.build("FROM base.img", "PATH=$PWD/bin:$PATH", "INCLUDE more");
        assertEquals("base\nright\n", fixture.read("pi.img"));
    }

    @Test
    void rejectsPackingToDirectory() throws IOException {
        assertTrue(refusal("FROM base.img", "PACK .").contains("is a directory"));
    }

    @Test
    void locksTargetForOneBuild() throws Exception {
        Path file = fixture.work.resolve("x.img");
        Path draft = fixture.work.resolve(".x.img.building");
        Files.createDirectory(draft);
        Files.writeString(draft.resolve("x.img"), "left by one that was killed");
        Target first = Target.of(file, fixture.cache(), fixture.images, new HashSet<>());
        assertTrue(Files.notExists(first.draft()));
        assertEquals(List.of("unmount x.img"), fixture.images.requests);
        Files.writeString(first.draft(), "draft");
        // The lock does not depend on the cache.
        Cache other = Cache.in(directory.resolve("other"));
        BuildException busy = assertThrows(BuildException.class, () -> Target.of(file, other, fixture.images, new HashSet<>()));
        assertTrue(busy.getMessage().startsWith("another build is creating"), busy.getMessage());
        assertEquals("draft", Files.readString(first.draft()));
        first.close();
        assertTrue(Files.notExists(draft));
        Files.createSymbolicLink(draft, directory);
        Target.of(file, other, fixture.images, new HashSet<>()).close();
        assertTrue(Files.notExists(draft) && Files.exists(fixture.work));
    }
}
