package org.example.piimages.daemon.emulation;

import java.nio.charset.StandardCharsets;
import org.example.piimages.contract.Failure;

/** Programs and scripts of an image, and lines for and from binfmt_misc. */
public final class ProgramsFuzz {

    private ProgramsFuzz() {
    }

    private static void requireText(Object read) {
        if (read.toString().isEmpty()) {
            throw new IllegalStateException("it has no text");
        }
    }

    /** Parses bytes in each way. A rule that was parsed and written for the kernel must be parsed back unchanged. */
    public static void fuzzerTestOneInput(byte[] data) {
        ElfHeader.parse(data).ifPresent(header -> {
            header.architecture();
            requireText(header);
        });
        ArmVersion.of(ArmAttributes.cpuArchitecture(data)).ifPresent(ProgramsFuzz::requireText);
        String text = new String(data, StandardCharsets.ISO_8859_1);
        BinfmtEntry.parse("entry", text).ifPresent(ProgramsFuzz::requireText);
        text.lines().forEach(line -> BinfmtRule.parse(line).ifPresent(rule -> {
            rule.matches(data);
            rewrite(rule);
        }));
    }

    private static void rewrite(BinfmtRule rule) {
        String line;
        try {
            line = rule.registrationLine();
        } catch (Failure refused) {
            return;
        }
        BinfmtRule again = BinfmtRule.parse(line).orElseThrow(() -> new IllegalStateException("the kernel would refuse " + line));
        if (!again.equals(rule) || line.indexOf('\n') >= 0) {
            throw new IllegalStateException(rule + " became " + again);
        }
    }
}
