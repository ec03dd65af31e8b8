package org.example.piimages.cli.command.care;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.service.DeviceEntry;
import org.example.piimages.cli.terminal.Confirmation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the confirmation before a card is erased. */
class WriteCommandTest {

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @Test
    void showsContentOfDevice() {
        assertEquals("/dev/sdb: Maker\\x1b[2J Stick, 29.7 GiB, removable\n  partition 1: 256 MiB vfat \"bootfs\"\n  partition 2: 2 GiB",
                disk(true, "", List.of(1, 256L << 20, "vfat", "bootfs"), List.of(2, 2L << 30, "", "")).text());
        assertEquals("/dev/sdb: Maker\\x1b[2J Stick, 29.7 GiB, NOT removable\n  no known partitions or filesystems",
                disk(false, "").text());
    }

    @Test
    void rejectsUnusableDeviceBeforeAsking() {
        assertEquals(ExitCode.BUSY, assertThrows(CommandFailure.class, () -> disk(true, "is mounted").requireUsable(true)).exitCode());
        assertEquals(ExitCode.USAGE, assertThrows(CommandFailure.class, () -> disk(false, "").requireUsable(false)).exitCode());
        assertDoesNotThrow(() -> disk(false, "").requireUsable(true));
        assertDoesNotThrow(() -> disk(true, "").requireUsable(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"y", "yes", " YES \n"})
    void acceptsYes(String answer) {
        assertDoesNotThrow(() -> ask(answer));
        assertEquals("facts\nsure? [y/N] ", output.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "n", "ja", "yess"})
    void rejectsOtherAnswers(String answer) {
        assertTrue(assertThrows(CommandFailure.class, () -> ask(answer)).getMessage().contains("nothing was written"));
    }

    @Test
    void failsWithoutTerminal() {
        CommandFailure failure = assertThrows(CommandFailure.class, () -> new Confirmation(null, stream()).require("facts", "sure?"));
        assertEquals(ExitCode.USAGE, failure.exitCode());
        assertEquals(0, output.size());
    }

    private void ask(String answer) {
        new Confirmation(new BufferedReader(new StringReader(answer)), stream()).require("facts", "sure?");
    }

    private PrintStream stream() {
        return new PrintStream(output, true, StandardCharsets.UTF_8);
    }

    private static DeviceEntry disk(boolean removable, String obstacle, List<?>... partitions) {
        return DeviceEntry.of(Map.of("device", "/dev/sdb", "model", "Maker\u001b[2J Stick", "size", 31_914_983_424L, "removable", removable,
                "sequence", 7L, "obstacle", obstacle, "partitions", List.of(partitions)));
    }
}
