package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The paths and lengths in src/main/assembly/dispatcher.s and process-name.s are those of the Java code. */
class DispatcherTest {

    private static final String LINK = Relocation.DIRECTORY + "/" + Dispatcher.LINKS + "/";
    private static final String TOOL = Relocation.DIRECTORY + "/" + Dispatcher.TOOLS + "/";

    /** PREFIX and LETTER. */
    @Test
    void changesTwentiethLetterOfPath() {
        assertEquals(20, (Relocation.DIRECTORY + "/").length());
        assertEquals(22, LINK.length());
        assertEquals(22, TOOL.length());
    }

    @Test
    void comparesPathsOfToolsAndStamp() {
        String code = new String(Dispatcher.of(EntryCodeTest.program(0x205).array()).orElseThrow(), StandardCharsets.ISO_8859_1);
        assertTrue(code.contains(Dispatcher.STAMP + "\0"));
        assertTrue(code.contains(ToolCatalog.DIRECTORY));
        // The image's directory overwrites the end of the prefix, in the same length: PREFIX - 9, eight letters and the slash.
        assertEquals(8, ToolCatalog.DIRECTORY.length());
    }

    @Test
    void loaderKnowsPathOfTools() {
        String loader = new String(Relocation.loader(EntryCodeTest.program(0x205).array()).orElseThrow(), StandardCharsets.ISO_8859_1);
        assertTrue(loader.contains(TOOL));
    }
}
