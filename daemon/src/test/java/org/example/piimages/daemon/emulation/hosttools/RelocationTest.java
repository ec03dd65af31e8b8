package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RelocationTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String paths(String program) {
        return new String(Relocation.paths(bytes(program)), StandardCharsets.ISO_8859_1);
    }

    @Test
    void replacesPathsByOthersOfSameLength() {
        assertEquals("x/run/piimages/tools/ld.so\0\0\0y", paths("x/lib64/ld-linux-x86-64.so.2\0y"));
        assertEquals("/run/piimages/tools/lib64/perl-base", paths("/usr/lib/x86_64-linux-gnu/perl-base"));
        assertEquals("\0/run/piimages/tools/l/\0", paths("\0/lib/x86_64-linux-gnu/\0"));
        assertEquals("/lib/arm-linux-gnueabihf/ x86_64-linux-gnu", paths("/lib/arm-linux-gnueabihf/ x86_64-linux-gnu"));
    }

    @Test
    void replacesArchitectureOnItsOwnAndAfterVersion() {
        assertArrayEquals(bytes("a\0armhf\0(amd64)\0xamd64\0001.2 (armhf)\0"),
                Relocation.architecture(bytes("a\0amd64\0(amd64)\0xamd64\0001.2 (amd64)\0"), "amd64", "armhf"));
    }

    @Test
    void loaderPreloadsNothing() {
        byte[] program = EntryCodeTest.program(0x205).position(0x2100).put(bytes("a/etc/ld.so.preload\0y")).array();
        String loader = new String(Relocation.loader(program).orElseThrow(), StandardCharsets.ISO_8859_1);
        assertTrue(loader.contains("a" + "\0".repeat("/etc/ld.so.preload".length() + 1) + "y"));
    }

    @Test
    void doesNotModifyOriginal() {
        byte[] original = bytes("/lib64/ld-linux-x86-64.so.2\0");
        Relocation.paths(original);
        assertArrayEquals(bytes("/lib64/ld-linux-x86-64.so.2\0"), original);
    }
}
