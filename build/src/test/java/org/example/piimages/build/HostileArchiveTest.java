package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that {@code EXTRACT} of a malicious archive changes nothing outside of the image, and of an unusual one does what is expected. */
class HostileArchiveTest {

    /** Creates archives from lines of the form NAME TYPE TARGET; TYPE is f, l (symbolic link), h (hard link), p (FIFO) or d. */
    private static final String PYTHON = """
            import io, sys, tarfile
            types = dict(f=tarfile.REGTYPE, l=tarfile.SYMTYPE, h=tarfile.LNKTYPE, p=tarfile.FIFOTYPE, d=tarfile.DIRTYPE)
            with tarfile.open(sys.argv[1], "w") as archive:
                for number, member in enumerate(sys.argv[2:]):
                    name, type, target = member.split()
                    entry = tarfile.TarInfo(name)
                    entry.type, entry.linkname = types[type], target
                    entry.mode = 0o755 if type == "d" else 0o644
                    content = str(number).encode() if type == "f" else b""
                    entry.size = len(content)
                    archive.addfile(entry, io.BytesIO(content))
            """;

    @TempDir
    Path directory;
    private BuildFixture fixture;
    private Path outside;
    private Path root;

    @BeforeEach
    void fixture() throws IOException {
        fixture = new BuildFixture(directory);
        outside = Files.createDirectory(directory.resolve("outside"));
        root = directory.resolve("root");
    }

    private void run(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).directory(fixture.work.toFile()).inheritIO().start().waitFor());
    }

    private void pack(String members) throws Exception {
        String[] words = ("python3|-c|" + PYTHON + "|a.tar|" + members.replace("OUT", outside.toString())).split("[|]");
        run(words);
    }

    private String refusal(String name) {
        BuildException refusal = assertThrows(BuildException.class, () -> fixture.build("FROM base.img", "EXTRACT '" + name + "' /"));
        assertEquals(1, refusal.getMessage().lines().count());
        return refusal.getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "../../x f -; Member name contains '..'",
        "a f -|a/x f -; a/x: Cannot open",
        "l l OUT|l/x f -; l/x: Cannot open",
        "/x/h h /etc/passwd; Cannot hard link",
        "h h ../../../etc/passwd; Cannot hard link",
        "d d -|d/p p -; :3: EXTRACT a.tar /: d/p is not a regular file"})
    void refusesMaliciousArchive(String members, String reason) throws Exception {
        pack(members);
        String refusal = refusal("a.tar");
        assertTrue(refusal.contains(reason), refusal);
        try (var files = Files.list(outside)) {
            assertEquals(List.of(), files.toList());
        }
        assertFalse(Files.exists(fixture.work.resolve("pi.img")));
    }

    @Test
    void unpacksIntoImageOnly() throws Exception {
        // An absolute name, a link that leads out of the image, and a hard link to it.
        pack("OUT/x f -|l l OUT|h h l");
        fixture.build("FROM base.img", "EXTRACT a.tar /");
        assertEquals("0", Files.readString(Path.of(root + outside.toString(), "x")));
        assertTrue(Files.isSymbolicLink(root.resolve("l")) && Files.isSymbolicLink(root.resolve("h")));
        // The link is now one of the image, and is followed within the image.
        pack("l d -|l/y f -");
        fixture.build("FROM base.img", "EXTRACT a.tar /");
        assertEquals("1", Files.readString(Path.of(root + outside.toString(), "y")));
        assertFalse(Files.exists(outside.resolve("y"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void lastMemberOfNameCounts() throws Exception {
        pack("a f -|a f -|b l a|b f -");
        fixture.build("FROM base.img", "EXTRACT a.tar /");
        assertEquals("1", Files.readString(root.resolve("a")));
        assertEquals("3", Files.readString(root.resolve("b")));
    }

    @Test
    void nameOfZipIsLiteral() throws Exception {
        fixture.put("wrong", "");
        run("zip", "-q", "a1.zip", "wrong");
        fixture.put("right", "");
        run("zip", "-q", "right.zip", "right");
        for (String name : List.of("a[1].zip", "a?.zip", "*.zip", "a\\1.zip", "-a.zip")) {
            Files.deleteIfExists(root.resolve("right"));
            Files.copy(fixture.work.resolve("right.zip"), fixture.work.resolve(name));
            // The first step would be executed on a copy of its file, in a directory of its own.
            fixture.build("FROM base.img", "RUN one", "EXTRACT '" + name + "' /");
            assertTrue(Files.exists(root.resolve("right")) && Files.notExists(root.resolve("wrong")), name);
        }
    }

    @Test
    void refusesDamagedAndEncryptedZip() throws Exception {
        fixture.put("a.zip", "nonsense");
        assertTrue(refusal("a.zip").contains("End-of-central-directory signature not found"), refusal("a.zip"));
        fixture.put("secret", "secret");
        run("zip", "-q", "-P", "password", "b.zip", "secret");
        assertTrue(refusal("b.zip").contains("cannot unpack b.zip: unzip exited with status 82"), refusal("b.zip"));
    }

    @Test
    void linkDoesNotReplaceDirectory() throws Exception {
        Files.createDirectories(root.resolve("d/full"));
        pack("d l /etc");
        assertTrue(refusal("a.tar").contains("/d: is a directory that is not empty"), refusal("a.tar"));
    }
}
