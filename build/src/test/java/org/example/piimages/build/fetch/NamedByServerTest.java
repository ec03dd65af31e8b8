package org.example.piimages.build.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.junit.jupiter.api.Test;

/** Tests downloads whose name is in the server's header Content-Disposition. */
class NamedByServerTest extends FetchFixture {

    @Test
    void takesNameFromHeader() throws Exception {
        server.put("/get", CONTENT);
        server.dispositions.put("/get", "attachment; filename=\"../x.zip\"; filename*=UTF-8''..%2Fp%C3%AD%20%231.img.xz");
        String address = server.address("/get?id=7");
        // Checksum files of this server must not be requested.
        server.put("/get.sha256", sum + "  p\u00ed #1.img.xz");
        server.put("/SHA256SUMS", sum + "  p\u00ed #1.img.xz");
        assertRefused("there is no checksum file for p\u00ed #1.img.xz beside it; specify the checksum with --sha256",
                request(null, true, false, address, file.toString()));
        assertEquals(List.of("/get"), server.requests);
        Fetch fetch = Fetch.of(request(sum, true, false, address, file.toString()));
        server.lost = 4;
        assertThrows(BuildException.class, () -> fetch.run(images));
        server.lost = 0;
        assertEquals("to be resumed", fetch.plan().state());
        FetchPlan plan = Fetch.of(request(sum, true, false, address)).plan();
        assertEquals("p\u00ed #1.img", plan.file().getFileName().toString());
        assertEquals(address + "#filename=p%C3%AD%20%231.img.xz", plan.address());
        fetch(request(sum, true, false, address, file.toString()));
        assertEquals("/get bytes=6-", server.requests.get(server.requests.size() - 1));
        assertEquals(CONTENT, Files.readString(file));
        assertEquals(List.of("unpack p\u00ed #1.img.xz"), images.requests);
        assertEquals("in the cache", Fetch.of(request(sum, true, false, address, directory + "/b.img")).plan().state());
        // The server now has a different file.
        server.dispositions.put("/get", "attachment; filename=2.img.xz");
        fetch(request(null, false, false, address, directory + "/b.img"));
        assertEquals("unpack 2.img.xz", images.requests.get(1));
        assertFalse(server.requests.contains("/get.sha256"), server.requests::toString);
    }

    @Test
    void rejectsHeaderWithoutImageName() throws Exception {
        server.put("/get", CONTENT);
        for (String disposition : List.of("attachment", "inline; filename=a.img.xz", "attachment; filename=page.html",
                "attachment; filename=.img.xz", "attachment; filename=\"a.img.xz")) {
            server.dispositions.put("/get", disposition);
            assertRefused("does not end with the name of an image", request(null, false, false, server.address("/get"), file.toString()));
        }
        assertEquals(List.of(), cache.entries());
    }
}
