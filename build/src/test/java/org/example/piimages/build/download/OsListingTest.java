package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the entries of lists and of the lists that they refer to, including malicious ones. */
class OsListingTest {

    private static final String SUM = "0123456789abcdef".repeat(4);

    @TempDir
    Path directory;
    private LocalHttpsServer server;

    @BeforeEach
    void serve() throws Exception {
        server = new LocalHttpsServer(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String entry(String name, String file) {
        return "{'name': '" + name + "', 'url': 'https://example.org/" + file + "', 'extract_size': 2048, 'extract_sha256': '" + SUM
                + "', 'image_download_size': 1024, 'release_date': '2026-11-24', 'devices': ['pi4-64bit', 'pi5-64bit', 7]}";
    }

    private static String group(String name, String... entries) {
        return "{'name': '" + name + "', 'subitems': [" + String.join(",", entries) + "]}";
    }

    private String further(String name, String path) {
        return "{'name': '" + name + "', 'subitems_url': '" + server.address(path) + "'}";
    }

    private static String list(String... entries) {
        return ("{'os_list': [" + String.join(",", entries) + "]}").replace('\'', '"');
    }

    private OsListing listing(String... entries) throws Exception {
        return new OsList(Files.writeString(directory.resolve("list.json"), list(entries)).toString()).listing();
    }

    private static List<String> paths(OsListing listing) {
        return listing.entries().stream().map(OsEntry::path).toList();
    }

    @Test
    void entriesOfAllListsHaveNamesOfGroups() throws Exception {
        server.put("/more", list(entry("Deep", "d.img.xz"), group("Inner", entry("Deeper", "e.img.xz"))));
        OsListing listing = listing(entry("One", "1.img.xz"), group("Other", entry("Two", "2.img.xz"), further("Far", "/more")),
                "{'name': 'Erase', 'url': 'internal://format'}");
        assertEquals(List.of("One", "Other / Two", "Other / Far / Deep", "Other / Far / Inner / Deeper"), paths(listing));
        assertEquals(List.of(), listing.gaps());
        OsEntry one = listing.entries().get(0);
        assertEquals(new OsEntry(List.of(), "One", "https://example.org/1.img.xz", 2048, SUM, 1024, "", "2026-11-24",
                List.of("pi4-64bit", "pi5-64bit")), one);
    }

    @Test
    void readsMutuallyReferringListsOnce() throws Exception {
        server.put("/a", list(entry("A", "a.img.xz"), further("b", "/b"), further("self", "/a")));
        server.put("/b", list(entry("B", "b.img.xz"), further("a", "/a")));
        OsListing listing = new OsList(server.address("/a")).listing();
        assertEquals(List.of("A", "b / B"), paths(listing));
        assertEquals(List.of("/a", "/b"), server.requests);
    }

    @Test
    void limitsDepthListsAndEntries() throws Exception {
        IntStream.range(0, 100).forEach(i -> server.put("/" + i, list(entry("E" + i, i + ".img.xz"), further("n", "/" + (i + 1)))));
        OsListing deep = listing(further("n", "/0"));
        assertEquals(8, deep.entries().size());
        assertTrue(deep.gaps().get(0).contains("nested more than 8 deep"), deep.gaps()::toString);
        server.requests.clear();
        OsListing wide = listing(IntStream.range(0, 100).mapToObj(i -> further("n", "/" + i)).toArray(String[]::new));
        assertTrue(wide.gaps().contains("there are more than 64 lists, and the others were not read"), wide.gaps()::toString);
        assertEquals(63, server.requests.size());
        OsListing large = listing(IntStream.range(0, 10_100).mapToObj(i -> "{'url': 'https://x/" + i + "'}").toArray(String[]::new));
        assertEquals(10_000, large.entries().size());
        assertEquals(1, large.gaps().size());
    }

    @Test
    void reportsUnreadableLists() throws Exception {
        server.put("/large", list(entry("x".repeat(5 << 20), "a")));
        server.put("/none", "{}");
        server.redirections.put("/moved", server.openAddress("/none"));
        OsListing listing = listing(further("a", "/large"), further("b", "/none"), further("c", "/gone"), further("d", "/moved"),
                "{'subitems_url': 'file:///etc/passwd'}", "{'subitems_url': '/etc/passwd'}", "{'subitems_url': 'https:a b'}",
                entry("One", "1.img.xz"));
        assertEquals(List.of("One"), paths(listing));
        List<String> reasons = List.of("larger than 4 MiB", "has no os_list", "returned status 404", "redirects from https to http",
                "not retrieved over https", "is not a URL", "not a URL");
        assertEquals(reasons.size(), listing.gaps().size());
        for (int i = 0; i < reasons.size(); i++) {
            assertTrue(listing.gaps().get(i).contains(reasons.get(i)), listing.gaps().get(i));
        }
    }

    @Test
    void truncatesNamesAndIgnoresInvalidValues() throws Exception {
        OsEntry entry = listing("{'name': '" + "n".repeat(1000) + "', 'url': 'https://x/a', 'extract_size': -1, 'image_download_size': 'x',"
                + " 'extract_sha256': 'abc', 'devices': 'pi', 'release_date': 7}").entries().get(0);
        assertEquals(new OsEntry(List.of(), "n".repeat(200) + "…", "https://x/a", 0, "", 0, "", "", List.of()), entry);
    }

    @Test
    void choosesOnlyUnambiguousEntry() throws Exception {
        OsListing listing = listing(entry("Lite (64-bit)", "64.img.xz"), entry("Lite (32-bit)", "32.img.xz"), entry("lite", "l.img.xz"),
                group("Again", entry("Lite (64-bit)", "64.img.xz"), entry("Full", "f.img.xz")), group("B", entry("Same", "s1.img.xz")),
                group("B", entry("Same", "s2.img.xz")));
        assertEquals("https://example.org/l.img.xz", listing.choose("lite").address());
        assertEquals("https://example.org/l.img.xz", listing.choose("LITE").address());
        assertEquals("https://example.org/64.img.xz", listing.choose("64-BIT").address());
        assertEquals("https://example.org/f.img.xz", listing.choose("Again / Full").address());
        assertEquals("https://example.org/s2.img.xz", listing.choose("https://example.org/s2.img.xz").address());
        assertEquals(2, refusal(listing, "-bit)").split("; specify one of ", 2).length);
        assertTrue(refusal(listing, "-bit)").endsWith("'Lite (64-bit)', 'Lite (32-bit)'"));
        assertTrue(refusal(listing, "same").endsWith("'https://example.org/s1.img.xz', 'https://example.org/s2.img.xz'"));
        assertTrue(refusal(listing, "none").startsWith("there is no 'none' in the list "));
        List<String> many = new ArrayList<>(IntStream.range(0, 20).mapToObj(i -> entry("Pi " + i, i + ".img.xz")).toList());
        assertTrue(refusal(listing(many.toArray(String[]::new)), "pi").endsWith("'Pi 11', and 8 more"));
    }

    private static String refusal(OsListing listing, String name) {
        return assertThrows(BuildException.class, () -> listing.choose(name)).getMessage().lines().collect(Collectors.joining("|"));
    }
}
