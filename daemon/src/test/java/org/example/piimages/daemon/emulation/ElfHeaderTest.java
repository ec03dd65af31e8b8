package org.example.piimages.daemon.emulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElfHeaderTest {

    private static ElfHeader parse(ElfBuilder builder) {
        return ElfHeader.parse(builder.bytes()).orElseThrow();
    }

    @Test
    void everyArchitectureIsRecognised() {
        for (Architecture architecture : Architecture.values()) {
            ElfHeader header = parse(new ElfBuilder(architecture));
            assertEquals(Optional.of(architecture), header.architecture());
            assertTrue(header.isStatic());
            assertEquals(2, header.type());
            assertTrue(header.interpreter().isEmpty());
        }
    }

    @Test
    void interpreterIsRead() {
        for (Architecture architecture : Architecture.values()) {
            ElfHeader header = parse(new ElfBuilder(architecture).interpreter("/lib/ld-linux-armhf.so.3"));
            assertEquals(Optional.of("/lib/ld-linux-armhf.so.3"), header.interpreter());
            assertFalse(header.isStatic());
            assertEquals(Linkage.DYNAMIC, header.linkage());
        }
    }

    @Test
    void rejectsTruncatedHeader() {
        byte[] program = new ElfBuilder(Architecture.AARCH64).interpreter("/lib/ld.so").bytes();
        for (int length = 0; length < 64; length++) {
            assertTrue(ElfHeader.parse(Arrays.copyOf(program, length)).isEmpty());
        }
    }

    @Test
    void truncatedProgramHeadersLeaveLinkageUnknown() {
        byte[] program = new ElfBuilder(Architecture.AARCH64).interpreter("/lib/ld.so").bytes();
        assertEquals(Linkage.UNKNOWN, ElfHeader.parse(Arrays.copyOf(program, 64 + 56)).orElseThrow().linkage());
        ElfHeader pathCut = ElfHeader.parse(Arrays.copyOf(program, 514)).orElseThrow();
        assertEquals(Linkage.DYNAMIC, pathCut.linkage());
        assertTrue(pathCut.interpreter().isEmpty());
    }

    @Test
    void inconsistentHeadersAreHarmless() {
        ElfBuilder program = new ElfBuilder(Architecture.AARCH64);
        assertEquals(Linkage.UNKNOWN, parse(program.programHeaders(0xFFFF)).linkage());
        assertEquals(Linkage.UNKNOWN, parse(program.programHeaders(0)).linkage());
        assertEquals(Linkage.UNKNOWN, parse(new ElfBuilder(Architecture.ARM).shortAt(42, 0)).linkage());
        for (long[] place : new long[][] {{-1, 5}, {0, -1}, {0, 5000}, {0, 0}, {0, 1}, {Long.MAX_VALUE, 2}, {4095, 2}}) {
            ElfHeader header = parse(new ElfBuilder(Architecture.AARCH64).programHeaders(2).segment(1, 3, place[0], place[1]));
            assertTrue(header.interpreter().isEmpty());
            assertEquals(Linkage.DYNAMIC, header.linkage());
        }
        assertTrue(parse(new ElfBuilder(Architecture.ARM).interpreter("/lib/\u001b[2J")).interpreter().isEmpty());
    }

    @Test
    void rejectsScriptsAndInvalidClasses() {
        assertTrue(ElfHeader.parse("#!/bin/sh\n".repeat(10).getBytes(StandardCharsets.US_ASCII)).isEmpty());
        for (int field = 4; field < 7; field++) {
            assertTrue(ElfHeader.parse(new ElfBuilder(Architecture.ARM).byteAt(field, 3).bytes()).isEmpty());
        }
    }

    @Test
    void objectFileIsNotStatic() {
        assertEquals(Linkage.UNKNOWN, parse(new ElfBuilder(Architecture.ARM).shortAt(16, 1)).linkage());
    }

    @Test
    void flippedAndRandomBytesAreHarmless() {
        Random random = new Random(30);
        byte[] valid = new ElfBuilder(Architecture.ARM).interpreter("/lib/ld-linux.so.3").bytes();
        for (int round = 0; round < 20_000; round++) {
            byte[] program = Arrays.copyOf(valid, random.nextInt(700));
            for (int flips = random.nextInt(20); flips > 0 && program.length > 0; flips--) {
                program[random.nextInt(program.length)] ^= (byte) (1 << random.nextInt(8));
            }
            ElfHeader.parse(program).ifPresent(ElfHeader::architecture);
        }
    }
}
