package org.example.piimages.daemon.linux.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTest {

    private static final int EM_386 = 3;
    private static final int EM_S390 = 22;
    private static final int EM_ARM = 40;
    private static final int EM_X86_64 = 62;
    private static final int EM_AARCH64 = 183;

    @TempDir
    private Path directory;

    private static final boolean ARM64 = System.getProperty("os.arch").equals("aarch64");

    @Test
    void executesProgramsOfThisCpu() {
        assertTrue(Cpu.executes(ARM64 ? EM_AARCH64 : EM_X86_64, 64));
    }

    /** Also if emulators are registered, as on most hosts where this is built. */
    @Test
    void doesNotExecuteProgramsOfOtherCpus() {
        assertFalse(Cpu.executes(ARM64 ? EM_X86_64 : EM_AARCH64, 64));
        assertFalse(Cpu.executes(ARM64 ? EM_386 : EM_ARM, 32));
        assertFalse(Cpu.executes(EM_S390, 64));
    }

    /** Compared with setarch(8) or, if that is forbidden, with running a program. */
    @Test
    void answersForThirtyTwoBitPrograms() throws IOException, InterruptedException {
        boolean expected = ends(ARM64 ? List.of("setarch", "linux32", "true") : List.of(exit386().toString()));
        assertEquals(expected, Cpu.executes(ARM64 ? EM_ARM : EM_386, 32));
    }

    private static boolean ends(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD).start().waitFor() == 0;
    }

    /** A program that calls exit(0), in 95 bytes. */
    private Path exit386() throws IOException {
        String hex = "7f454c46010101000000000000000000" + "0200030001000000" + "54800408" + "34000000" + "00000000" + "00000000"
                + "3400" + "2000" + "0100" + "0000" + "0000" + "0000"
                // PT_LOAD from 0 to 0x08048000, 95 bytes, read and execute.
                + "01000000" + "00000000" + "00800408" + "00800408" + "5f000000" + "5f000000" + "05000000" + "00100000"
                // xor ebx, ebx; mov eax, 1; int 0x80; and two that are never reached.
                + "31db" + "b801000000" + "cd80" + "9090";
        Path program = directory.resolve("exit386");
        Files.write(program, HexFormat.of().parseHex(hex));
        assertTrue(program.toFile().setExecutable(true));
        return program;
    }
}
