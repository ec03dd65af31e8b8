package org.example.piimages.daemon.machine.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineRecordTest {

    @TempDir
    private Path directory;

    @Test
    void readsStoredRecord() throws Exception {
        for (String odd : List.of("/a b", "/new\nline", "/tab\tand=equals", "/#hash!", " /leading", "/ö漢🍓", "/back\\slash", "/cr\r",
                "")) {
            MachineRecord machine = new MachineRecord("pi", -2, ":1.7", "1_2_3", odd, List.of("sh", "-c", odd, ""), "armv7l",
                    "qemu-arm", List.of("dash", "sed"), true, new MachineMode(true, false, true, Network.PRIVATE), 1L << 50);
            Path file = directory.resolve("record");
            RunDirectory.writeRecord(file, machine.toProperties());
            assertEquals(machine, MachineRecord.of(RunDirectory.readRecord(file).orElseThrow()));
        }
    }
}
