package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests builds during which the recipe or another process changes files of the host. */
class ChangingFilesTest {

    @TempDir
    Path directory;
    private BuildFixture fixture;

    @BeforeEach
    void fixture() throws IOException {
        fixture = new BuildFixture(directory);
    }

    private String inImage(String name) throws IOException {
        return Files.readString(directory.resolve("root").resolve(name)).strip();
    }

    @Test
    void repeatsCachedStepWithFilesAsOfItsLine() throws Exception {
        // So slow that no image is stored in the cache.
        fixture.images.copyMilliseconds = 500;
        String[] lines = {"FROM base.img", "for i in a b; do",
            "echo $i >file; tar --create --mtime=@0 --file file.tar file; mkdir -p tree; cp file tree",
            "INSTALL file /$i", "INSTALL tree /tree-$i", "EXTRACT file.tar /$i.d", "done", "RUN one"};
        fixture.build(lines);
        lines[lines.length - 1] = "RUN two";
        assertEquals(6, fixture.build(lines).cached());
        assertTrue(fixture.progress.stream().anyMatch(line -> line.contains("INSTALL file /a (again: ")), fixture.progress.toString());
        for (String name : new String[] {"a", "a.d/file", "tree-a/file"}) {
            assertEquals("a", inImage(name), name);
        }
        assertEquals("b", inImage("b"));
        assertEquals("base\ntwo\n", fixture.read("pi.img"));
    }

    @Test
    void installsFileAsBeforeCopyOfBase() throws Exception {
        fixture.put("file", "first");
        fixture.images.duringCopy = () -> put("file", "second");
        fixture.build("FROM base.img", "INSTALL file /file");
        assertEquals("first", inImage("file"));
    }

    private void put(String name, String text) {
        try {
            fixture.put(name, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void configuresWithCopiesOfFiles() throws Exception {
        String[] lines = {"FROM base.img", "for i in a b; do", "echo $i >key", "CONFIGURE --hostname $i --ssh-key key --user-data=key",
            "done", "RUN one"};
        fixture.build(lines);
        lines[lines.length - 1] = "RUN two";
        fixture.build(lines);
        String[] names =
                fixture.images.requests.stream().filter(line -> line.startsWith("configure --hostname a")).findFirst().orElseThrow()
                        .split(" --ssh-key | --user-data=");
        for (int i = 1; i < names.length; i++) {
            assertTrue(names[i].contains("/.pi.img.building/"), names[i]);
        }
    }

    @Test
    void rejectsBaseThatChangesDuringCopy() throws Exception {
        fixture.images.duringCopy = () -> put("base.img", "other base");
        BuildException refusal = assertThrows(BuildException.class, () -> fixture.build("FROM base.img", "RUN one"));
        assertTrue(refusal.getMessage().contains("base.img has changed while it was being copied"), refusal.getMessage());
        assertTrue(Files.notExists(fixture.work.resolve("pi.img")));
        fixture.build("FROM base.img", "RUN one");
        assertEquals("other base" + "one\n", fixture.read("pi.img"));
    }

    @Test
    void rejectsBaseThatChangesBeforeCopy() throws Exception {
        fixture.put("other.img", "other base");
        for (String change : new String[] {"cp other.img base.img", "HOST cp other.img base.img", "HOST mv other.img base.img"}) {
            BuildException refusal = assertThrows(BuildException.class, () -> fixture.build("FROM base.img", change, "RUN one"));
            assertTrue(refusal.getMessage().contains("base.img has changed since the build began"), refusal.getMessage());
        }
        // The key and the copy are of the same version.
        assertEquals(0, fixture.build("FROM base.img", "RUN one").cached());
        assertEquals("other base" + "one\n", fixture.read("pi.img"));
    }

    @Test
    void filesMayBeSymbolicLinks() throws Exception {
        // The first step is executed on copies, as the base image is copied before it; relative links would lead nowhere from there.
        fixture.build("FROM base.img", "echo old >site; tar --create --file site-1.tar site; ln -sf site-1.tar site.tar",
                "EXTRACT site.tar /srv");
        assertEquals("old", inImage("srv/site"));
        fixture.build("FROM base.img", "echo new >name; ln -sf name link; INSTALL link /link");
        assertTrue(Files.isSymbolicLink(directory.resolve("root/link")));
    }
}
