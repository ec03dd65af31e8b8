package org.example.piimages.daemon.machine.record;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.example.piimages.contract.Failure;

/** Fuzzes the parsers of machine records, machine results and machine names. */
public final class MachineTextsFuzz {

    private MachineTextsFuzz() {
    }

    /** Parses the bytes as each of them. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        String text = new String(data, StandardCharsets.UTF_8);
        String made = MachineName.of(text);
        MachineName.require(made);
        try {
            MachineName.require(text);
            if (!text.matches("[A-Za-z0-9-]{1,64}")) {
                throw new IllegalStateException("a name for a unit and a host");
            }
        } catch (Failure refused) {
            refused.kind();
        }
        try {
            Properties properties = new Properties();
            properties.load(new StringReader(text));
            MachineResult.status(properties).ifPresent(MachineTextsFuzz::requireStatus);
            MachineRecord record = MachineRecord.of(properties);
            if (!MachineRecord.of(record.toProperties()).equals(record)) {
                throw new IllegalStateException("read again it is another: " + record);
            }
        } catch (IllegalArgumentException none) {
            if (none.getMessage() == null) {
                throw new IllegalStateException("an error without words", none);
            }
        }
    }

    private static void requireStatus(int status) {
        if (status < 0 || status > 999) {
            throw new IllegalStateException("status " + status);
        }
    }
}
