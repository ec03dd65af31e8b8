package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.BuildFixture;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests recipes whose base is a URL that leads to another one, or to a name in a header. */
class RedirectionTest {

    @TempDir
    Path directory;
    private LocalHttpsServer server;
    private BuildFixture fixture;

    @BeforeEach
    void serve() throws Exception {
        server = new LocalHttpsServer(directory);
        fixture = new BuildFixture(directory);
        server.put("/a.img.xz", "a\n");
        server.put("/b.img.xz", "b\n");
        server.put("/SHA256SUMS", "0  a.img.xz\n0  b.img.xz\n");
        server.redirections.put("/latest", "/a.img.xz");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void build() throws Exception {
        fixture.build("FROM " + server.address("/latest"), "RUN one");
    }

    @Test
    void recordsTargetOfRedirection() throws Exception {
        build();
        assertEquals("a\none\n", fixture.read("pi.img"));
        assertEquals(List.of(server.address("/a.img.xz")), fixture.cache().entries().stream().map(Cache.Entry::title)
                .filter(title -> title.startsWith("https")).toList());
        // The base of a recipe does not change if the server has a new image.
        server.redirections.put("/latest", "/b.img.xz");
        server.requests.clear();
        build();
        assertEquals("a\none\n", fixture.read("pi.img"));
        assertEquals(List.of(), server.requests);
        fixture.cache().clear();
        build();
        assertEquals("b\none\n", fixture.read("pi.img"));
    }

    @Test
    void requiresPackedImageOverHttps() throws Exception {
        server.redirections.put("/latest", "/page");
        server.put("/page", "<html>");
        assertRefused("unlike " + server.address("/page"));
        server.redirections.put("/latest", server.openAddress("/a.img.xz"));
        assertRefused("redirects from https to http:");
        server.redirections.remove("/latest");
        assertRefused("status 404; check the URL");
    }

    @Test
    void acceptsNameFromHeader() throws Exception {
        server.redirections.put("/latest", "/session/7");
        server.put("/session/7", "a\n");
        server.dispositions.put("/session/7", "attachment; filename=a.img.xz");
        assertRefused("there is no checksum file for a.img.xz beside it");
        String list =
                "{\"os_list\": [{\"name\": \"Pi\", \"url\": \"" + server.address("/latest") + "\", \"extract_sha256\": \"" + "0".repeat(64)
                        + "\"}]}";
        fixture.osList = fixture.put("list.json", list).toString();
        build();
        assertEquals("a\none\n", fixture.read("pi.img"));
        assertEquals(List.of(server.address("/latest") + "#filename=a.img.xz"), fixture.cache().entries().stream().map(Cache.Entry::title)
                .filter(title -> title.startsWith("https")).toList());
        // The server now has a different image.
        server.dispositions.put("/session/7", "attachment; filename=b.img.xz");
        server.requests.clear();
        build();
        assertEquals(List.of(), server.requests);
    }

    private void assertRefused(String reason) {
        String message = assertThrows(BuildException.class, this::build).getMessage();
        assertTrue(message.contains(reason), message);
    }
}
