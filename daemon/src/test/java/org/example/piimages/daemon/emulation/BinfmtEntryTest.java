package org.example.piimages.daemon.emulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BinfmtEntryTest {

    /** What Linux 6.1 prints for Debian 12's qemu-arm. */
    static final String QEMU_ARM = """
            enabled
            interpreter /usr/libexec/qemu-binfmt/arm-binfmt-P
            flags: POF
            offset 0
            magic 7f454c4601010100000000000000000002002800
            mask ffffffffffffff00fffffffffffffffffeffffff
            """;

    private static BinfmtEntry parse(String text) {
        return BinfmtEntry.parse("test", text).orElseThrow();
    }

    @Test
    void entryOfDebianIsRead() {
        BinfmtEntry entry = parse(QEMU_ARM);
        assertTrue(entry.enabled());
        assertEquals("/usr/libexec/qemu-binfmt/arm-binfmt-P", entry.interpreter());
        assertEquals(Set.of(BinfmtFlag.PRESERVE_ARGUMENT, BinfmtFlag.OPEN_BINARY, BinfmtFlag.FIX_BINARY), entry.flags());
        assertEquals(Optional.of(ProgramPattern.of(Architecture.ARM)), entry.pattern());
        assertTrue(entry.has(BinfmtFlag.FIX_BINARY));
        assertFalse(entry.has(BinfmtFlag.CREDENTIALS));
    }

    @Test
    void disabledEntryIsRead() {
        assertFalse(parse(QEMU_ARM.replace("enabled", "disabled")).enabled());
    }

    @Test
    void entryByExtensionIsReadAndNeverMatches() {
        BinfmtEntry entry = parse("enabled\ninterpreter /usr/bin/wine\nflags: \nextension .exe\n");
        assertEquals(Optional.of("exe"), entry.extension());
        assertEquals(Set.of(), entry.flags());
        assertFalse(entry.matches(new byte[256]));
    }

    @Test
    void interpreterWithSpacesIsRead() {
        assertEquals("/opt/my qemu/qemu-arm", parse(QEMU_ARM.replaceFirst("/usr\\S+", "/opt/my qemu/qemu-arm")).interpreter());
    }

    @Test
    void matchesLikeKernel() {
        BinfmtEntry entry = parse(QEMU_ARM);
        assertTrue(entry.matches(new ElfBuilder(Architecture.ARM).bytes()));
        assertTrue(entry.matches(new ElfBuilder(Architecture.ARM).byteAt(7, 3).bytes()), "the GNU ABI is masked");
        assertTrue(entry.matches(new ElfBuilder(Architecture.ARM).shortAt(16, 3).bytes()), "position-independent");
        assertFalse(entry.matches(new ElfBuilder(Architecture.ARM).shortAt(16, 1).bytes()), "an object file");
        assertFalse(entry.matches(new ElfBuilder(Architecture.ARM).byteAt(8, 1).bytes()), "another ABI version");
        assertFalse(entry.matches(new ElfBuilder(Architecture.AARCH64).bytes()));
        assertFalse(entry.matches(new byte[0]));
    }

    @Test
    void offsetAndMissingMaskAreHonoured() {
        BinfmtEntry entry = parse("enabled\ninterpreter /x\nflags: \noffset 2\nmagic 41ff\n");
        assertTrue(entry.matches(new byte[] {0, 0, 0x41, (byte) 0xFF}));
        assertFalse(entry.matches(new byte[] {0x41, (byte) 0xFF, 0, 0}));
        assertFalse(entry.matches(new byte[] {0, 0, 0x41}));
    }

    @Test
    void shortFileIsPaddedWithZeros() {
        BinfmtEntry entry = parse("enabled\ninterpreter /x\nflags: \noffset 0\nmagic 410000\n");
        assertTrue(entry.matches(new byte[] {0x41}));
    }

    @Test
    void magicOutsideTheMaskIsIgnored() {
        assertTrue(parse("enabled\ninterpreter /x\nflags: \noffset 0\nmagic ff\nmask 0f\n").matches(new byte[] {0x0F}));
    }

    @Test
    void rejectsOtherTexts() {
        for (String text : new String[] {"", "enabled\n", "enabled", "enabled\ninterpreter /x\nflags: Z\noffset 0\nmagic 41\n",
            "enabled\ninterpreter /x\nflags: \noffset x\nmagic 41\n", "enabled\ninterpreter /x\nflags: \noffset 0\nmagic 4\n",
            "enabled\ninterpreter /x\nflags: \noffset 0\nmagic 41\nmask 4142\n", "enabled\ninterpreter /x\nflags: \n",
            "enabled\ninterpreter /x\nflags: \noffset 255\nmagic 4142\n", "enabled\ninterpreter \nflags: \noffset 0\nmagic 41\n"}) {
            assertTrue(BinfmtEntry.parse("test", text).isEmpty(), text);
        }
    }

    @Test
    void flippedTextIsHarmless() {
        Random random = new Random(31);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(QEMU_ARM);
            for (int flips = random.nextInt(5); flips >= 0; flips--) {
                text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
            }
            BinfmtEntry.parse("test", text.toString()).ifPresent(entry -> entry.matches(new byte[20]));
        }
    }
}
