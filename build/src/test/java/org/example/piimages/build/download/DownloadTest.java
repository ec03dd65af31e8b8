package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.example.piimages.build.FakeImages;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.step.ImageSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests downloads from a local server over http, which does not authenticate the server. */
class DownloadTest {

    private static final byte[] CONTENT = "0123456789".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;
    private final List<String> requests = new ArrayList<>();
    private HttpServer server;
    private Cache cache;
    private String address;
    private int lost;
    private int statusOfSums = 200;
    private int shift;
    private long size;
    private String sum;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        cache = Cache.in(directory.resolve("cache"));
        address = "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.getAddress().getPort() + "/x/pi.img.xz";
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        String query = exchange.getRequestURI().getQuery();
        requests.add(path + (query == null ? "" : "?" + query)
                + (range == null ? "" : " " + range + " " + exchange.getRequestHeaders().getFirst("If-Range")));
        byte[] body = path.endsWith("SHA256SUMS") ? "abc  other.img.xz\n".getBytes(StandardCharsets.UTF_8) : CONTENT;
        int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.getResponseHeaders().add("ETag", "\"v1\"");
        boolean exists = !path.endsWith(".sha256");
        boolean isBehind = start == body.length;
        if (range != null && !isBehind) {
            exchange.getResponseHeaders().add("Content-Range", "bytes " + (start + shift) + "-9/10");
        }
        exchange.sendResponseHeaders(
                path.endsWith("SHA256SUMS") ? statusOfSums : !exists ? 404 : isBehind ? 416 : range == null ? 200 : 206,
                exists && !isBehind ? body.length - start : -1);
        if (exists && !isBehind) {
            // With lost bytes, the connection is closed before the end of the body.
            exchange.getResponseBody().write(body, start, body.length - start - (path.endsWith(".xz") ? lost : 0));
            exchange.getResponseBody().flush();
        }
        exchange.close();
    }

    private Path fetch() throws BuildException {
        return Download.load(request(false, line -> {}), Download.verify(address, true));
    }

    private DownloadRequest request(boolean needsChecksumFile, Consumer<String> lines) {
        return new DownloadRequest(cache, needsChecksumFile, size, sum, DownloadProgress.ofLines(lines));
    }

    @Test
    void downloadsOnceWithChecksumFiles() throws Exception {
        Path file = fetch();
        assertEquals("pi.img.xz", file.getFileName().toString());
        assertEquals("0123456789", Files.readString(file));
        assertEquals(List.of("/x/pi.img.xz.sha256", "/x/SHA256SUMS", "/x/pi.img.xz"), requests);
        // The checksum file has only other files, so that verification with it would fail.
        assertTrue(Files.notExists(file.resolveSibling("SHA256SUMS")));
        fetch();
        assertEquals(3, requests.size());
        String identity = Download.identity(file);
        // The file gets a new inode, as if the cache was restored from an archive.
        Files.copy(file, directory.resolve("copy"));
        Files.move(directory.resolve("copy"), file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(identity, Download.identity(fetch()));
        Files.delete(file);
        assertNotEquals(identity, Download.identity(fetch()));
        assertEquals(address, cache.entries().get(0).title());
    }

    @Test
    void resumesInterruptedDownload() throws Exception {
        lost = 6;
        BuildException failure = assertThrows(BuildException.class, this::fetch);
        assertTrue(failure.getMessage().endsWith("repeat the command to resume the download"), failure.getMessage());
        lost = 0;
        assertEquals("0123456789", Files.readString(fetch()));
        assertEquals("/x/pi.img.xz bytes=4- \"v1\"", requests.get(requests.size() - 1));
    }

    @Test
    void repeatsCompleteDownloadWithoutFinalName() throws Exception {
        Path file = fetch();
        Files.move(file, file.resolveSibling(".pi.img.xz.part"));
        assertEquals("0123456789", Files.readString(fetch()));
        assertEquals("/x/pi.img.xz bytes=10- \"v1\"", requests.get(requests.size() - 2));
        assertEquals("/x/pi.img.xz", requests.get(requests.size() - 1));
    }

    @Test
    void rejectsHttpWithoutChecksum() {
        BuildException failure = assertThrows(BuildException.class, () -> Download.verify(address, false));
        assertTrue(failure.getMessage().contains("--sha256=HEX"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "https://example.org/ | does not end with a file name",
        "https://example.org/a b.xz | is not a valid URL",
        "ftp://example.org/pi.img.xz | use https",
        "file:///srv/pi.img.xz | specify its path instead: /srv/pi.img.xz"})
    void rejectsInvalidUrl(String text, String message) {
        BuildException failure = assertThrows(BuildException.class, () -> Download.verify(text, false));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void acceptsEscapedNameAndQuery() throws Exception {
        address = address.replace("pi.img.xz", "a:b%20c.img.xz?token=a%2Fb#part");
        assertEquals("a:b c.img.xz", fetch().getFileName().toString());
        assertEquals(List.of("/x/a:b c.img.xz.sha256?token=a/b", "/x/SHA256SUMS?token=a/b", "/x/a:b c.img.xz?token=a/b"), requests);
        assertTrue(Download.exists(cache, Download.verify(address, true)));
    }

    @Test
    void failsIfServerCannotTellWhetherChecksumExists() {
        statusOfSums = 503;
        BuildException failure = assertThrows(BuildException.class, this::fetch);
        assertTrue(failure.getMessage().contains("503"), failure.getMessage());
        assertEquals(2, requests.size());
    }

    @Test
    void discardsRangeThatWasNotRequested() throws Exception {
        lost = 6;
        assertThrows(BuildException.class, this::fetch);
        lost = 0;
        shift = 1;
        assertEquals("0123456789", Files.readString(fetch()));
        assertEquals("/x/pi.img.xz", requests.get(requests.size() - 1));
    }

    @Test
    void waitsForDownloadOfAnotherBuild() throws Exception {
        LockFile other = LockFile.tryAcquire(cache.locks().resolve(new Fingerprint().add(address).text()), false);
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        DownloadRequest request = request(false, line -> waiting.complete(null));
        CompletableFuture<Path> file = CompletableFuture.supplyAsync(() -> {
            try {
                return Download.load(request, URI.create(address));
            } catch (BuildException e) {
                throw new CompletionException(e);
            }
        });
        waiting.get();
        assertEquals(List.of(), requests);
        other.close();
        assertEquals("0123456789", Files.readString(file.get()));
    }

    @Test
    void doesNotDownloadWithoutChecksumFile() {
        BuildException failure = assertThrows(BuildException.class,
                () -> Download.load(request(true, line -> {}), URI.create(address)));
        assertTrue(failure.getMessage().contains("--no-verify"), failure.getMessage());
        assertEquals(List.of("/x/pi.img.xz.sha256", "/x/SHA256SUMS"), requests);
    }

    @Test
    void rejectsUnverifiedSource() throws IOException {
        Path packed = Files.write(directory.resolve("pi.img.xz"), CONTENT);
        FakeImages images = new FakeImages(directory);
        images.isVerified = false;
        Path target = directory.resolve("pi.img");
        assertThrows(BuildException.class, () -> new ImageSource(packed, true, null, true, true, null).produce(images, target));
    }

    @ParameterizedTest
    @CsvSource({"https://h/get?id=1#filename=pi.img.xz, pi.img.xz", "https://h/get#filename=..%2F..%2Fpi.img.xz, get",
        "https://h/get#filename=..%5Cpi.img.xz, get", "https://h/get#filename=.address, get", "https://h/get#filename=, get",
        "https://h/get#filename=x%0a.img, get", "https://h/get#name=x.img, get"})
    void ignoresInvalidNameInFragment(URI url, String name) {
        assertEquals(name, Download.name(url));
    }
}
