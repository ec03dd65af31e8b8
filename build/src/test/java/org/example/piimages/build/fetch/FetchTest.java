package org.example.piimages.build.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.cache.Sha256;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests fetching images by name from lists and by URL; an invalid download must not get its final name. */
class FetchTest extends FetchFixture {

    @BeforeEach
    void putImages() {
        server.put("/pi.img.xz", CONTENT);
        server.put("/pi.img", CONTENT);
    }

    @Test
    void verifiesImageWithChecksumsOfList() throws Exception {
        String list = list(server.openAddress("/pi.img.xz"), field("extract_sha256", OTHER_SUM) + "," + field("image_download_sha256", sum)
                + ", 'image_download_size': 10");
        fetch(request(false, list, "pi", file.toString()));
        assertEquals(List.of("unpack pi.img.xz"), images.requests);
        assertEquals(OTHER_SUM, images.comparedWith);
        assertEquals(CONTENT, Files.readString(file));
        FetchPlan plan = Fetch.of(request(false, list, "pi", directory.resolve("b.img").toString())).plan();
        assertEquals("in the cache", plan.state());
        assertEquals("the checksums in the list (image_download_sha256, extract_sha256)", plan.comparedWith());
    }

    @Test
    void discardsDifferentFile() throws Exception {
        String list = list(server.openAddress("/pi.img.xz"), field("image_download_sha256", OTHER_SUM));
        assertRefused("the SHA-256 of the download", request(false, list, "Pi", file.toString()));
        assertEquals(List.of(), cache.entries());
        list = list(server.openAddress("/pi.img.xz"), field("image_download_sha256", sum) + ", 'image_download_size': 11");
        assertRefused("has 10 bytes, but the list says 11", request(false, list, "Pi", file.toString()));
        assertEquals(List.of(), images.requests);
    }

    @Test
    void resumesAndVerifiesInterruptedDownload() throws Exception {
        String list = list(server.openAddress("/pi.img.xz"), field("image_download_sha256", sum));
        server.lost = 4;
        assertRefused("repeat the command to resume the download", request(false, list, "Pi", file.toString()));
        assertTrue(cache.entries().get(0).title().endsWith("/pi.img.xz (incomplete)"), cache.entries()::toString);
        server.lost = 0;
        assertEquals("to be resumed", Fetch.of(request(false, list, "Pi", file.toString())).plan().state());
        fetch(request(false, list, "Pi", file.toString()));
        assertEquals("/pi.img.xz bytes=6-", server.requests.get(server.requests.size() - 1));
        assertEquals(CONTENT, Files.readString(file));
        // The list now refers to a different version.
        server.put("/pi.img.xz", "new");
        list = list(server.openAddress("/pi.img.xz"),
                field("image_download_sha256", Sha256.of(Files.writeString(directory.resolve("c"), "new"))));
        fetch(request(false, list, "Pi", directory.resolve("second.img").toString()));
        assertEquals("new", Files.readString(directory.resolve("second.img")));
    }

    @Test
    void rejectsExistingFileBeforeDownload() throws Exception {
        Files.writeString(file, "mine");
        String list = list(server.openAddress("/pi.img.xz"), field("extract_sha256", sum));
        assertTrue(refusal(request(false, list, "Pi", file.toString())).contains("already exists"));
        assertTrue(refusal(request(false, list, "Pi", directory + "/none/pi.img")).contains("there is no directory"));
        assertEquals(List.of(), server.requests);
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void urlRequiresChecksum() throws Exception {
        String address = server.address("/pi.img.xz");
        assertRefused("there is no checksum file for pi.img.xz beside it", request(false, address, file.toString()));
        assertRefused("http does not authenticate", request(false, server.openAddress("/pi.img.xz"), file.toString()));
        server.put("/SHA256SUMS", sum + "  pi.img.xz\n");
        assertEquals("the checksum files beside it", Fetch.of(request(false, address, file.toString())).plan().comparedWith());
        assertEquals(List.of(), cache.entries());
        images.isVerified = false;
        assertRefused("there is no checksum file", request(false, address, file.toString()));
        images.isVerified = true;
        fetch(request(false, address, file.toString()));
        assertEquals(CONTENT, Files.readString(file));
        Files.delete(file);
        fetch(request(sum, true, false, server.openAddress("/pi.img.xz"), file.toString()));
        assertEquals(sum, images.comparedWith);
        Files.delete(file);
        fetch(request(null, false, false, address, file.toString()));
    }

    @Test
    void verifiesFileThatStaysPacked() throws Exception {
        fetch(request(sum, true, true, server.openAddress("/pi.img.xz"), file.toString()));
        assertEquals(List.of("copy " + file), images.requests);
        Files.delete(file);
        fetch(request(OTHER_SUM, true, true, server.openAddress("/pi.img.xz"), file.toString()));
        assertEquals(List.of("copy " + file, "verify pi.img.xz", "copy " + file), images.requests);
        assertEquals(OTHER_SUM, images.comparedWith);
        assertEquals("pi.img.xz", Fetch.of(request(sum, true, true, server.openAddress("/pi.img.xz"))).plan().file().getFileName()
                .toString());
    }

    @Test
    void verifiesAndCopiesUnpackedImage() throws Exception {
        String address = server.address("/pi.img");
        server.put("/pi.img.sha256", OTHER_SUM + "  pi.img\n");
        assertRefused("the SHA-256 of pi.img is " + sum, request(false, address, file.toString()));
        cache.clear();
        server.put("/pi.img.sha256", "unknown\n");
        assertRefused("no line of sha256sum(1)", request(false, address, file.toString()));
        cache.clear();
        server.put("/pi.img.sha256", sum + " *pi.img\n");
        fetch(request(false, address, file.toString()));
        assertEquals(CONTENT, Files.readString(file));
        Files.delete(file);
        assertRefused("has " + OTHER_SUM, request(OTHER_SUM, true, false, address, file.toString()));
    }

    @Test
    void distinguishesListFromImageByContent() throws Exception {
        server.put("/pi", "\ufeff\n {\"os_list\": []}");
        assertEquals(List.of(), Fetch.of(request(false, server.address("/pi"))).listing().entries());
        assertRefused("not retrieved over https", request(sum, true, false, server.openAddress("/pi")));
        assertRefused("to download what it names, specify the name", request(null, false, false, server.address("/pi")));
        server.put("/other.img.xz", "{\"a\": 1}");
        assertRefused("it begins as JSON does, so it was not taken for an image", request(false, server.address("/other.img.xz")));
        assertRefused("it is an image and not a list", request(false, server.address("/pi.img.xz"), "Name", file.toString()));
        server.put("/page", "<html>");
        assertRefused("is not JSON, so it was taken for an image, but", request(false, server.address("/page")));
        server.redirections.put("/latest", "/page");
        assertRefused("nor does " + server.address("/page") + ", to which it leads", request(false, server.address("/latest")));
        server.redirections.put("/latest", server.openAddress("/pi.img.xz"));
        assertRefused("redirects from https to http:", request(false, server.address("/latest")));
        server.redirections.put("/down.img.xz", server.openAddress("/pi.img.xz"));
        assertRefused("redirects from https to http:", request(false, server.address("/down.img.xz")));
        server.redirections.put("/nowhere.img.xz", "https://[");
        assertRefused("not a valid URL", request(false, server.address("/nowhere.img.xz")));
        assertRefused("check the URL", request(false, "https://127.0.0.1:99999/pi.img.xz"));
        assertRefused("cannot be reached", request(false, "https://127.0.0.1:1/pi.img.xz"));
        assertRefused("its name is unknown", request(false, "https://none.invalid/pi.img.xz"));
        assertRefused("status 404", request(false, server.address("/none.img.xz")));
        String gone = list(server.openAddress("/none.img.xz"), field("extract_sha256", sum));
        assertRefused("returned status 404; check the URL", request(false, gone, "Pi", file.toString()));
        assertEquals(List.of(), cache.entries());
        Path packed = Files.write(directory.resolve("a.img.xz"), new byte[] {(byte) 0xfd, '7', 'z'});
        assertRefused("piimagesctl unpack " + packed, request(false, packed.toString()));
        assertRefused("specify a list or a URL", request(false, "example.org/list.json"));
        assertTrue(FetchSource.isJson(" [1]".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void takesNameFromRedirection() throws Exception {
        server.put("/pi.img.xz.sha256", sum + "  pi.img.xz\n");
        server.redirections.put("/latest", "/newest");
        server.redirections.put("/newest", "pi.img.xz");
        Fetch fetch = Fetch.of(request(false, server.address("/latest")));
        assertEquals(Path.of("pi.img").toAbsolutePath(), fetch.plan().file());
        assertEquals(server.address("/pi.img.xz"), fetch.plan().address());
        fetch(request(false, server.address("/latest"), file.toString()));
        assertEquals(CONTENT, Files.readString(file));
        assertEquals(server.address("/pi.img.xz"), cache.entries().get(0).title());
        assertTrue(server.requests.contains("/pi.img.xz.sha256"), server.requests::toString);
        assertTrue(!server.requests.contains("/latest.sha256"), server.requests::toString);
    }

    @Test
    void rejectsUntrustedCertificate() {
        server.distrust();
        assertRefused("not issued by an authority that Java trusts here", request(false, server.address("/pi.img.xz"), file.toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "file:///etc/shadow.img.xz | is a local file; specify its path instead: /etc/shadow.img.xz",
        "https://example.org/a%0Ab.img.xz | does not end with a file name",
        "https://example.org/..%2F.ssh | does not end with a file name",
        "https://example.org/a%00.img.xz | that has only printable characters in UTF-8",
        "https://example.org/a%FF.img.xz | that has only printable characters in UTF-8",
        "https://example.org/a%5Cb.img.xz | no backslash",
        "https://example.org/%2e%2e | does not end with a file name",
        "https://example.org/authorized_keys | does not end with the name of an image",
        "https:///pi.img.xz | is not a valid URL",
        "ftp://example.org/pi.img.xz | use https"})
    void rejectsInvalidUrlsOfLists(String address, String reason) throws Exception {
        assertRefused(reason, request(false, list(address, field("extract_sha256", sum)), "Pi"));
    }

    @Test
    void rejectsInvalidNamesInUrls() throws Exception {
        for (String name : List.of("a\0.img.xz", "a\nb.img.xz", "a".repeat(300) + ".img.xz", "..", ".")) {
            server.put("/x/" + name, CONTENT);
            String address = server.address("/x/" + name.replace("\0", "%00").replace("\n", "%0A").replace(".", "%2E"));
            assertRefused(
                    name.length() < 3 ? "does not end with the name of an image" : "does not end with a file name of at most 200 bytes",
                    request(sum, true, false, address, file.toString()));
        }
        assertEquals(List.of(), cache.entries());
        assertRefused("File name too long", request(sum, true, false, server.address("/pi.img.xz"), file + "a".repeat(300)));
    }

    @Test
    void nameCannotLeaveDirectory() throws Exception {
        String list = list(server.openAddress("/..%2F..%2Fpi.img.xz"), field("extract_sha256", sum));
        assertEquals(Path.of("pi.img").toAbsolutePath(), Fetch.of(request(false, list, "Pi")).plan().file());
    }
}
