package org.example.piimages.build.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.FakeImages;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.Sha256;
import org.example.piimages.build.download.DownloadProgress;
import org.example.piimages.build.download.SecureServer;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests downloads whose name is in the server's header Content-Disposition. */
class NamedByServerTest {

    private static final String CONTENT = "0123456789";

    @TempDir
    Path directory;
    private SecureServer server;
    private FakeImages images;
    private Cache cache;
    private Path file;
    private String sum;

    @BeforeEach
    void serve() throws Exception {
        server = new SecureServer(directory);
        images = new FakeImages(directory);
        cache = Cache.in(directory.resolve("cache"));
        file = directory.resolve("new.img");
        sum = Sha256.of(Files.writeString(directory.resolve("content"), CONTENT));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private FetchRequest request(String sha256, boolean verify, String source, Path target) {
        return new FetchRequest(source, target == null ? List.of() : List.of(target.toString()), cache, sha256, verify, false,
                DownloadProgress.ofLines(line -> {}));
    }

    private void fetch(FetchRequest request) throws BuildException {
        Fetch.of(request).run(images);
    }

    private void assertRefused(String reason, FetchRequest request) {
        String message = assertThrows(BuildException.class, () -> fetch(request)).getMessage();
        assertEquals(1, message.lines().count());
        assertTrue(message.contains(reason), message);
        assertTrue(Files.notExists(file));
    }

    @Test
    void takesNameFromHeader() throws Exception {
        server.put("/get", CONTENT);
        server.dispositions.put("/get", "attachment; filename=\"../x.zip\"; filename*=UTF-8''..%2Fp%C3%AD%20%231.img.xz");
        String address = server.address("/get?id=7");
        // Checksum files of this server must not be requested.
        server.put("/get.sha256", sum + "  p\u00ed #1.img.xz");
        server.put("/SHA256SUMS", sum + "  p\u00ed #1.img.xz");
        assertRefused("there is no checksum file for p\u00ed #1.img.xz beside it; specify the checksum with --sha256",
                request(null, true, address, file));
        assertEquals(List.of("/get"), server.asked);
        Fetch fetch = Fetch.of(request(sum, true, address, file));
        server.lost = 4;
        assertThrows(BuildException.class, () -> fetch.run(images));
        server.lost = 0;
        assertEquals("to be resumed", fetch.plan().state());
        FetchPlan plan = Fetch.of(request(sum, true, address, null)).plan();
        assertEquals("p\u00ed #1.img", plan.file().getFileName().toString());
        assertEquals(address + "#filename=p%C3%AD%20%231.img.xz", plan.address());
        fetch(request(sum, true, address, file));
        assertEquals("/get bytes=6-", server.asked.get(server.asked.size() - 1));
        assertEquals(CONTENT, Files.readString(file));
        assertEquals(List.of("unpack p\u00ed #1.img.xz"), images.asked);
        assertEquals("in the cache", Fetch.of(request(sum, true, address, directory.resolve("b.img"))).plan().state());
        // The server now has a different file.
        server.dispositions.put("/get", "attachment; filename=2.img.xz");
        fetch(request(null, false, address, directory.resolve("b.img")));
        assertEquals("unpack 2.img.xz", images.asked.get(1));
        assertFalse(server.asked.contains("/get.sha256"), server.asked::toString);
    }

    @Test
    void rejectsHeaderWithoutImageName() throws Exception {
        server.put("/get", CONTENT);
        for (String disposition : List.of("attachment", "inline; filename=a.img.xz", "attachment; filename=page.html",
                "attachment; filename=.img.xz", "attachment; filename=\"a.img.xz")) {
            server.dispositions.put("/get", disposition);
            assertRefused("does not end with the name of an image", request(null, false, server.address("/get"), file));
        }
        assertEquals(List.of(), cache.entries());
    }
}
