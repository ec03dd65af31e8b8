package org.example.piimages.daemon.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.example.piimages.daemon.emulation.BinfmtEntry;
import org.example.piimages.daemon.emulation.BinfmtFlag;
import org.example.piimages.daemon.emulation.InterpreterForecast;
import org.example.piimages.daemon.emulation.InterpreterPlan;
import org.junit.jupiter.api.Test;

class EmulationChecksTest {

    private static final BinfmtEntry ENTRY = new BinfmtEntry("qemu-arm", true, "/usr/bin/qemu-arm-static",
            Set.of(BinfmtFlag.FIX_BINARY, BinfmtFlag.OPEN_BINARY), Optional.empty(), Optional.of("x"));

    private static Finding finding(InterpreterPlan plan, OptionalInt version) {
        Finding finding = EmulationChecks.of(new InterpreterForecast("armv7l", plan, version));
        assertEquals("emulation-armv7l", finding.check());
        return finding;
    }

    @Test
    void describesEntryWithFlags() {
        Finding finding = finding(new InterpreterPlan.Existing(ENTRY), OptionalInt.of(10));
        assertEquals(Finding.ok("emulation-armv7l",
                "armv7l programs run by the entry qemu-arm (/usr/bin/qemu-arm-static, flags FO); it is version 10"), finding);
    }

    @Test
    void reportsThatOldEmulatorCannotBootNewSystemd() {
        assertTrue(finding(new InterpreterPlan.ExistingBound(ENTRY, "/q"), OptionalInt.of(7)).text().contains("257"));
    }

    @Test
    void reportsMissingEmulatorWithPackage() {
        Finding finding = finding(new InterpreterPlan.Missing("qemu-user-static", "why"), OptionalInt.empty());
        assertEquals(
                Finding.problem("emulation-armv7l", "armv7l programs do not run: why",
                        "install the package qemu-user-static, or qemu-user-binfmt if there is no such package"),
                finding);
    }

    @Test
    void warnsOfEntryForNativePrograms() {
        assertEquals(Severity.OK, finding(new InterpreterPlan.Native(Optional.empty()), OptionalInt.empty()).severity());
        Finding caught = finding(new InterpreterPlan.Native(Optional.of(ENTRY)), OptionalInt.empty());
        assertEquals(Severity.WARNING, caught.severity());
        assertTrue(caught.text().contains("qemu-arm"), caught.text());
    }
}
