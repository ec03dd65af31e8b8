package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.example.piimages.build.Build;
import org.example.piimages.build.BuildRequest;
import org.example.piimages.build.FakeImages;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OsListTest {

    private static final String SUM = "0123456789abcdef".repeat(4);
    private static final String ADDRESS = "https://downloads.example.org/raspios.img.xz";
    private static final String ENTRY = "{\"name\": \"OS\", \"url\": \"" + ADDRESS + "\", \"extract_size\": 1, \"extract_sha256\": \"" + SUM
            + "\"}";

    @TempDir
    Path directory;

    private String list(String text) throws IOException {
        return Files.writeString(directory.resolve("os_list.json"), text).toString();
    }

    private static String listOf(String... entries) {
        return "{\"imager\": {\"devices\": []}, \"os_list\": [" + String.join(",", entries) + "]}";
    }

    @Test
    void findsDownloadByUrlAtAnyDepth() throws Exception {
        assertEquals(SUM, new OsList(list(listOf(ENTRY))).sha256(ADDRESS));
        String other = "{\"name\": \"other\", \"url\": \"" + ADDRESS + ".zip\", \"extract_sha256\": \"" + "f".repeat(64) + "\"}";
        String deep = "{\"name\": \"group\", \"subitems\": [" + other + ", {\"name\": \"inner\", \"subitems\": [" + ENTRY + "]}]}";
        assertEquals(SUM, new OsList(list(listOf(other, deep))).sha256(ADDRESS));
        assertEquals(SUM, new OsList(list(listOf(ENTRY.replace(SUM, SUM.toUpperCase(Locale.ROOT))))).sha256(ADDRESS));
        String named = ADDRESS + "#filename=b.img.xz";
        assertEquals(SUM, new OsList(list(listOf(ENTRY))).sha256(named));
        assertEquals(SUM, new OsList(list(listOf(ENTRY.replace(ADDRESS, named)))).sha256(ADDRESS));
        assertEquals(SUM, new OsList(list(listOf(ENTRY.replace(ADDRESS, named)))).sha256(named));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nonsense | not JSON",
        "{} | has no os_list",
        "[] | has no os_list",
        "'' | has no os_list",
        "{\"os_list\": []} | does not name https://downloads.example.org/raspios.img.xz; specify its checksum with --sha256=HEX",
        "{\"os_list\": [null, 1, \"x\", {\"url\": null, \"subitems\": 3, \"subitems_url\": null}]} | does not name",
        "{\"os_list\": [{\"url\": \"https://downloads.example.org/raspios.img.xz\"}]} | has no SHA-256 of the image in https://downloads",
        "{\"os_list\": [{\"url\": \"https://downloads.example.org/raspios.img.xz\", \"extract_sha256\": \"abc\"}]} | has no SHA-256",
        // The message names a list that cannot be read, because it might have the download.
        "{\"os_list\": [{\"subitems_url\": \"http://example.org/l.json\"}]} | does not name .*; .*l.json is not accepted: .* https",
        "{\"os_list\": [{\"subitems_url\": \"/etc/passwd\"}]} | does not name .* refers to the list '/etc/passwd', which is not a URL",
    })
    void rejectsUnusableList(String text, String reason) throws Exception {
        BuildException failure = assertThrows(BuildException.class, () -> new OsList(list(text)).sha256(ADDRESS));
        assertTrue(failure.getMessage().matches("(?s).*" + reason + ".*"), failure::getMessage);
    }

    @Test
    void rejectsMissingOrUnauthenticatedList() {
        assertTrue(assertThrows(BuildException.class, () -> new OsList(directory + "/none").sha256(ADDRESS)).getMessage()
                .contains("No such file"));
        assertTrue(assertThrows(BuildException.class, () -> new OsList("http://example.org/l.json").sha256(ADDRESS)).getMessage()
                .contains("not retrieved over https"));
    }

    @Test
    void findsEntryAfterUnreadableSublist() throws Exception {
        assertEquals(SUM, new OsList(list(listOf("{\"subitems_url\": \"http://example.org/l.json\"}", ENTRY))).sha256(ADDRESS));
    }

    @Test
    void buildVerifiesImageAndReadsListOnce() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> requests = new ArrayList<>();
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("base\n".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        try {
            String address = "http://" + server.getAddress().getAddress().getHostAddress() + ":" + server.getAddress().getPort()
                    + "/pi.img.xz";
            String list = list(listOf(ENTRY.replace(ADDRESS, address)));
            FakeImages images = new FakeImages(Files.createDirectory(directory.resolve("root")));
            Path recipe = Files.writeString(directory.resolve("pi.Pifile"), "FROM " + address + "\nRUN one\n");
            BuildRequest request = new BuildRequest(recipe, Cache.in(directory.resolve("cache")), true, 0, null, list, true, false, false,
                    line -> {});
            Build.run(images, request);
            assertEquals(SUM, images.comparedWith);
            assertEquals("/pi.img.xz", requests.get(requests.size() - 1));
            int before = requests.size();
            Files.delete(Path.of(list));
            assertEquals(SUM, Download.listedSum(request.cache(), list, URI.create(address)));
            assertEquals(1, Build.run(images, request).cached());
            assertEquals(before, requests.size());
            Files.writeString(directory.resolve("pi.img.xz"), "x");
            Files.writeString(recipe, "cd '" + directory + "'\nFROM pi.img.xz\n");
            assertTrue(assertThrows(BuildException.class, () -> Build.run(images, request)).getMessage()
                    .contains("--os-list applies only to a download"));
        } finally {
            server.stop(0);
        }
    }
}
