package org.example.piimages.daemon.image.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FirmwareConfigurationTest {

    private static List<String> places(String text) {
        return FirmwareConfiguration.parse(text.getBytes(StandardCharsets.UTF_8)).places();
    }

    @Test
    void findsCommandLineLikeFirmware() {
        assertEquals(List.of("cmdline.txt", "cmdline.txt"), places("arm_64bit=1\n#cmdline=no.txt\n"));
        assertEquals(List.of("nobtcmd.txt", "nobtcmd.txt"), places("cmdline=nobtcmd.txt\r\nkernel=x\n"));
        // Ubuntu 25.10 and later: the set for a single trial boot must be ignored.
        assertEquals(List.of("current/cmdline.txt", "cmdline.txt"),
                places("[all]\nkernel=vmlinuz\nos_prefix=Current/\n[tryboot]\nos_prefix=new/\ncmdline=x\n[pi4]\ncmdline=y\n"));
    }
}
