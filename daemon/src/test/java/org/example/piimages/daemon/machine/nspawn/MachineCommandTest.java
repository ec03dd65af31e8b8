package org.example.piimages.daemon.machine.nspawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.example.piimages.daemon.machine.guest.HostName;
import org.example.piimages.daemon.machine.guest.InitramfsModules;
import org.example.piimages.daemon.machine.guest.LoginShell;
import org.example.piimages.daemon.machine.guest.Overlays;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.Network;
import org.junit.jupiter.api.Test;

class MachineCommandTest {

    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/bash
            pi:x:1000:1000:,,,:/home/pi:/usr/bin/zsh
            odd:x:1001:1001::/:relative
            short:x:1002
            """;

    @Test
    void readsLoginShellOfUser() {
        assertEquals("/bin/bash", LoginShell.shellOf(PASSWD, ""));
        assertEquals("/usr/bin/zsh", LoginShell.shellOf(PASSWD, "pi"));
        assertEquals("/usr/bin/zsh", LoginShell.shellOf(PASSWD, "1000"));
        for (String odd : List.of("odd", "short", "nobody", "1002")) {
            assertEquals("/bin/sh", LoginShell.shellOf(PASSWD, odd));
        }
    }

    @Test
    void doublesDollarsForSystemd() {
        MachineRecord machine = new MachineRecord("pi", 1000, ":1.1", "", "/pi.img", List.of(), "armv7l", "qemu-arm", List.of(), true,
                new MachineMode(true, false, false, Network.PRIVATE), 1);
        MachineCommand command = new MachineCommand(List.of("sh", "-c", "echo $HOME"), List.of("A=$B"), "/srv", "pi");
        List<String> line = GuestCommandLine.piped(machine, "unit.service", command);
        assertEquals(List.of("--", "/run/piimages/init", "--", "sh", "-c", "echo $$HOME"), line.subList(line.size() - 6, line.size()));
        assertTrue(line.containsAll(List.of("--machine=pi", "--unit=unit.service", "--pipe", "--uid=pi", "--working-directory=/srv",
                "--setenv=A=$B")), line.toString());
        List<String> onTerminal = GuestCommandLine.onTerminal(machine, "/tmp/status", command);
        assertEquals(List.of("/usr/bin/machinectl", "--quiet", "--uid=pi", "--setenv=A=$B", "shell", "pi", "/bin/sh", "-c"),
                onTerminal.subList(0, 8));
        assertEquals(List.of("/tmp/status", "/srv", "sh", "-c", "echo $$HOME"), onTerminal.subList(9, onTerminal.size()));
    }

    @Test
    void replacesDependentInitramfsModules() {
        assertEquals("# MODULES=dep is an option\nMODULES=most\n MODULES=most # here\nMODULES=depend\n",
                InitramfsModules.most("# MODULES=dep is an option\nMODULES=dep\n MODULES=dep # here\nMODULES=depend\n"));
        assertTrue(InitramfsModules.isDependent("A=b\nMODULES=\"dep\"\n"));
        assertFalse(InitramfsModules.isDependent("# MODULES=dep\nMODULES=most\n"));
        assertTrue(InitramfsModules.isConfigurationFile(InitramfsModules.FILE));
        assertFalse(InitramfsModules.isConfigurationFile("..") || InitramfsModules.isConfigurationFile("a/b")
                || InitramfsModules.isConfigurationFile(""));
    }

    @Test
    void readsHostNameFromFirstLine() {
        assertEquals("raspberrypi", HostName.parse("# a comment\n\n raspberrypi \nother\n"));
        assertEquals("pi.example.org", HostName.parse("pi.example.org"));
        assertEquals("", HostName.parse(""));
        for (String bad : List.of("a b", "a_b", "_x", "-x", "a..b", "a.", "pi;x", "p\u00ef", "x".repeat(65), "$(x)", "a/b")) {
            assertEquals("", HostName.parse(bad), bad);
        }
    }

    @Test
    void recognizesPreloadedLibraries() {
        assertTrue(Overlays.namesLibraries("# x\n/usr/lib/libarmmem-${PLATFORM}.so\n"));
        assertFalse(Overlays.namesLibraries("") || Overlays.namesLibraries("\n # /usr/lib/x.so\n"));
    }
}
