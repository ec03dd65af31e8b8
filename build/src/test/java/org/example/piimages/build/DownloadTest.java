package org.example.piimages.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine, whose way here nobody vouches for. */
class DownloadTest {

    private static final byte[] CONTENT = "0123456789".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;
    private final List<String> asked = new ArrayList<>();
    private HttpServer server;
    private Cache cache;
    private String address;
    private int lost;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        cache = Cache.in(folder.resolve("cache"));
        address = "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.getAddress().getPort() + "/x/pi.img.xz";
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add(path + (range == null ? "" : " " + range + " " + exchange.getRequestHeaders().getFirst("If-Range")));
        byte[] body = path.endsWith("SHA256SUMS") ? "abc  other.img.xz\n".getBytes(StandardCharsets.UTF_8) : CONTENT;
        int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.getResponseHeaders().add("ETag", "\"v1\"");
        boolean isThere = !path.endsWith(".sha256");
        boolean isBehind = start == body.length;
        exchange.sendResponseHeaders(!isThere ? 404 : isBehind ? 416 : range == null ? 200 : 206,
                isThere && !isBehind ? body.length - start : -1);
        if (isThere && !isBehind) {
            // A connection that breaks in the middle.
            exchange.getResponseBody().write(body, start, body.length - start - (path.endsWith(".xz") ? lost : 0));
            exchange.getResponseBody().flush();
        }
        exchange.close();
    }

    private Path fetch() throws BuildException {
        return Download.fetch(cache, address, true, line -> {});
    }

    @Test
    void itIsFetchedOnceWithWhatTellsItsChecksum() throws Exception {
        Path file = fetch();
        assertEquals("pi.img.xz", file.getFileName().toString());
        assertEquals("0123456789", Files.readString(file));
        assertEquals(List.of("/x/pi.img.xz.sha256", "/x/SHA256SUMS", "/x/pi.img.xz"), asked);
        // That list is about other files, and an error to whoever looks for this one in it.
        assertTrue(Files.notExists(file.resolveSibling("SHA256SUMS")));
        fetch();
        assertEquals(3, asked.size());
        assertEquals(address, cache.entries().get(0).title());
    }

    @Test
    void whatWasBegunIsGoneOnWith() throws Exception {
        lost = 6;
        BuildException failure = assertThrows(BuildException.class, this::fetch);
        assertTrue(failure.getMessage().endsWith("build again to go on with it"), failure.getMessage());
        lost = 0;
        assertEquals("0123456789", Files.readString(fetch()));
        assertEquals("/x/pi.img.xz bytes=4- \"v1\"", asked.get(asked.size() - 1));
    }

    @Test
    void whatIsWholeAndHasNoNameYetIsFetchedOnceMore() throws Exception {
        Path file = fetch();
        Files.move(file, file.resolveSibling(".pi.img.xz.part"));
        assertEquals("0123456789", Files.readString(fetch()));
        assertEquals("/x/pi.img.xz bytes=10- \"v1\"", asked.get(asked.size() - 2));
        assertEquals("/x/pi.img.xz", asked.get(asked.size() - 1));
    }

    @Test
    void nobodyVouchesForIt() {
        BuildException failure = assertThrows(BuildException.class, () -> Download.fetch(cache, address, false, line -> {}));
        assertTrue(failure.getMessage().contains("--sha256=HEX"), failure.getMessage());
    }

    @Test
    void whatHasNoChecksumIsRefused() throws IOException {
        Path packed = Files.write(folder.resolve("pi.img.xz"), CONTENT);
        FakeImages images = new FakeImages(folder);
        images.isVerified = false;
        Path target = folder.resolve("pi.img");
        assertThrows(BuildException.class, () -> new Source(packed, true, null, true, true).produce(images, target));
    }
}
