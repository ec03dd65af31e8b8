package org.example.piimages.daemon.machine.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class MachineResultTest {

    private static OptionalInt status(String code, String status) {
        Properties result = new Properties();
        result.setProperty("code", code);
        result.setProperty("status", status);
        return MachineResult.status(result);
    }

    @Test
    void returnsExitStatus() {
        assertEquals(OptionalInt.of(0), status("exited", "0"));
        assertEquals(OptionalInt.of(255), status("exited", "255"));
    }

    @Test
    void adds128ToSignal() {
        assertEquals(OptionalInt.of(137), status("killed", "KILL"));
        assertEquals(OptionalInt.of(143), status("killed", "TERM"));
        assertEquals(OptionalInt.of(139), status("dumped", "SEGV"));
        assertEquals(OptionalInt.of(159), status("killed", "SYS"));
    }

    @Test
    void missingOrInvalidResultIsEmpty() {
        assertEquals(OptionalInt.empty(), MachineResult.status(new Properties()));
        assertEquals(OptionalInt.empty(), status("", ""));
        assertEquals(OptionalInt.empty(), status("exited", "many"));
        assertEquals(OptionalInt.empty(), status("killed", "RTMIN+3"));
    }
}
