package org.example.piimages.daemon.machine.nspawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class NspawnSettingsTest {

    private static MachineCommand machineCommand(List<String> environment, String directory, String... command) {
        return new MachineCommand(List.of(command), environment, directory, "");
    }

    @Test
    void quotesEachWord() {
        assertEquals("""
                [Exec]
                Boot=no
                WorkingDirectory=/root
                User=pi
                Parameters='/run/piimages/init' '--' 'a b' '' 'it'"'"'s' '%n\\'
                Environment='SYSTEMD_OFFLINE=1' 'A=1' 'B=two words'
                """, NspawnSettings
                .ofCommand(new MachineCommand(List.of("a b", "", "it's", "%n\\"), List.of("A=1", "B=two words"), "/root", "pi")));
        assertEquals("[Exec]\nBoot=yes\n", NspawnSettings.ofInit(List.of()));
    }

    @Test
    void severalLinesRequireScript() {
        assertTrue(NspawnSettings.canExpress(machineCommand(List.of("A=\t"), "/a b", "true", "%")));
        assertFalse(NspawnSettings.canExpress(machineCommand(List.of(), "", "a\nb")));
        assertFalse(NspawnSettings.canExpress(machineCommand(List.of("A=\r"), "", "true")));
        assertFalse(NspawnSettings.canExpress(machineCommand(List.of(), "/a ", "true")));
        MachineCommand lines = machineCommand(List.of("A=1\n2"), "/it's", "echo", "a\nb");
        assertEquals("cd -- '/it'\"'\"'s' || exit\nexport A='1\n2'\nexec 'echo' 'a\nb'\n", NspawnSettings.script(lines));
        assertTrue(NspawnSettings.canExpress(NspawnSettings.viaScript(lines)));
    }

    @Test
    void rejectsSeveralLinesInVariableOfInit() {
        assertEquals("[Exec]\nBoot=yes\nEnvironment='A=b c'\n", NspawnSettings.ofInit(List.of("A=b c")));
        assertThrows(Failure.class, () -> NspawnSettings.ofInit(List.of("A=b\nBoot=no")));
    }

    @Test
    void longLineOrTrailingBackslashRequiresScript() {
        assertFalse(NspawnSettings.canExpress(machineCommand(List.of(), "", "x".repeat(300_000))));
        assertFalse(NspawnSettings.canExpress(machineCommand(List.of(), "/a\\", "true")));
    }

    @Test
    void systemctlIsOfflineUnlessCallerChooses() {
        assertTrue(
                NspawnSettings.ofCommand(machineCommand(List.of("SYSTEMD_OFFLINE=0"), "", "true"))
                        .endsWith("\nEnvironment='SYSTEMD_OFFLINE=0'\n"));
        assertFalse(NspawnSettings.ofInit(List.of()).contains("SYSTEMD_OFFLINE"));
    }
}
