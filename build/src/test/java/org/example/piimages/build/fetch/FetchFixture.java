package org.example.piimages.build.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.example.piimages.build.FakeImages;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.Sha256;
import org.example.piimages.build.download.DownloadProgress;
import org.example.piimages.build.download.LocalHttpsServer;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The set-up of tests that fetch images: a server, an empty cache, and {@link FakeImages}. */
abstract class FetchFixture {

    static final String CONTENT = "0123456789";
    static final String OTHER_SUM = "f".repeat(64);

    @TempDir
    Path directory;
    LocalHttpsServer server;
    FakeImages images;
    Cache cache;
    /** The file to create. */
    Path file;
    /** The SHA-256 of {@link #CONTENT}. */
    String sum;

    @BeforeEach
    void serve() throws Exception {
        server = new LocalHttpsServer(directory);
        images = new FakeImages(directory);
        cache = Cache.in(directory.resolve("cache"));
        file = directory.resolve("new.img");
        sum = Sha256.of(Files.writeString(directory.resolve("content"), CONTENT));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    FetchRequest request(boolean keepPacked, String... words) {
        return request(null, true, keepPacked, words);
    }

    FetchRequest request(String sha256, boolean verify, boolean keepPacked, String... words) {
        return new FetchRequest(words[0], Arrays.asList(words).subList(1, words.length), cache, sha256, verify, keepPacked,
                DownloadProgress.ofLines(line -> {}));
    }

    /** Creates a list with one entry, Pi, that has these additional fields. */
    String list(String address, String fields) throws Exception {
        String text = "{'os_list': [{'name': 'Pi', 'url': '" + address + (fields.isEmpty() ? "'}]}" : "', " + fields + "}]}");
        return Files.writeString(directory.resolve("list.json"), text.replace('\'', '"')).toString();
    }

    String field(String name, String value) {
        return "'" + name + "': '" + value + "'";
    }

    void fetch(FetchRequest request) throws BuildException {
        Fetch.of(request).run(images);
    }

    String refusal(FetchRequest request) {
        BuildException failure = assertThrows(BuildException.class, () -> fetch(request));
        assertEquals(1, failure.getMessage().lines().count());
        return failure.getMessage();
    }

    void assertRefused(String reason, FetchRequest request) {
        String message = refusal(request);
        assertTrue(message.contains(reason), message);
        assertTrue(Files.notExists(file));
    }
}
