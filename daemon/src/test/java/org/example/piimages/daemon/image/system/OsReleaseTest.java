package org.example.piimages.daemon.image.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OsReleaseTest {

    private static String codename(String text) {
        return OsRelease.parse(text.getBytes(StandardCharsets.ISO_8859_1)).versionCodename();
    }

    @Test
    void codenameIsFoundQuotedOrNot() {
        assertEquals("bookworm", codename("ID=debian\nVERSION_CODENAME=bookworm\n"));
        assertEquals("bookworm", codename("VERSION_CODENAME=\"bookworm\"  \r\n"));
        assertEquals("bookworm", codename("VERSION_CODENAME='bookworm'"));
    }

    @Test
    void invalidLinesAreIgnored() {
        assertEquals("", codename(""));
        assertEquals("", codename("#VERSION_CODENAME=x\n VERSION_CODENAME=y\nXVERSION_CODENAME=z"));
        assertEquals("", codename("\0\u00ff\u00fe=\n=\n\n"));
        assertEquals("\"half", codename("VERSION_CODENAME=\"half"));
    }
}
