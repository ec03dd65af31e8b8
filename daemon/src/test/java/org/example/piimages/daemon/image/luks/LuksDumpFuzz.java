package org.example.piimages.daemon.image.luks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.example.piimages.contract.Failure;

/** Fuzzes the output of cryptsetup for a hostile header. */
public final class LuksDumpFuzz {

    private LuksDumpFuzz() {
    }

    /** Parses bytes as a dump without and with a key. */
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            LuksDump dump = LuksDump.parse(new String(data, StandardCharsets.UTF_8));
            if (dump.offset() < 0 || dump.offset() > LuksDump.HEADER_LIMIT || dump.cipher().indexOf(' ') >= 0) {
                throw new IllegalStateException(dump.toString());
            }
        } catch (Failure failure) {
            if (failure.getMessage().indexOf('\n') >= 0) {
                throw new IllegalStateException(failure.getMessage());
            }
        }
        try {
            LuksDump.key(Arrays.copyOf(data, data.length));
        } catch (Failure failure) {
            // There is no key.
        }
    }
}
