package org.example.piimages.daemon.machine.nspawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.Network;
import org.junit.jupiter.api.Test;

class NspawnCommandTest {

    private static final Optional<UserRange> USERS = Optional.of(new UserRange(0x60000000));
    private static final MachineMode PLAIN = new MachineMode(false, false, false, Network.HOST);
    private static final MachineMode BOOT = new MachineMode(true, true, false, Network.PRIVATE);

    private static List<String> line(MachineMode mode, String interpreter, boolean terminal) {
        return NspawnCommand.of(machine(mode, interpreter), Privileges.NONE, USERS, terminal, "raspberrypi");
    }

    private static MachineRecord machine(MachineMode mode, String interpreter) {
        return new MachineRecord("pi", 1000, ":1.1", "", "/pi.img", List.of("true"), "armv7l", interpreter, List.of(), mode.boot(), mode,
                1);
    }

    @Test
    void mapsUsersAndTrustsSettings() {
        for (List<String> line : List.of(line(PLAIN, "qemu-arm", false), line(BOOT, "", false))) {
            assertTrue(line.containsAll(List.of("--private-users=1610612736:65536", "--private-users-ownership=off", "--settings=trusted",
                    "--keep-unit", "--directory=/run/piimages/machines/pi/root")), line.toString());
        }
        List<String> plain = line(PLAIN, "qemu-arm", false);
        assertFalse(plain.contains("--private-network"));
        assertEquals(Path.of("/run/piimages/machines/pi/pi.nspawn"), NspawnSettings.file(machine(PLAIN, "")));
    }

    @Test
    void argumentsDoNotContainRequest() {
        List<String> line = line(PLAIN, "qemu-arm", true);
        assertFalse(line.contains("true") || line.stream().anyMatch(word -> word.startsWith("--bind") || word.startsWith("--setenv")));
        assertTrue(line.contains("--hostname=raspberrypi"));
        assertTrue(line.contains("--console=interactive") && line(PLAIN, "qemu-arm", false).contains("--console=pipe"));
    }

    @Test
    void stopsInitBySignalThatQemuForwards() {
        List<String> line = line(BOOT, "qemu-arm", false);
        assertTrue(line.containsAll(List.of("--kill-signal=SIGPWR", "--notify-ready=yes", "--private-network",
                "--console=read-only")), line.toString());
        assertEquals(List.of("SYSTEMD_UNIT_PATH=/run/piimages/units:", "QEMU_RTSIG_MAP=36 36 8"),
                NspawnCommand.initEnvironment(machine(BOOT, "qemu-arm")));
        assertFalse(NspawnCommand.initEnvironment(machine(BOOT, "")).contains("QEMU_RTSIG_MAP=36 36 8"));
    }

    @Test
    void native32BitSystemRunsUnderLinux32() {
        assertEquals(List.of("/usr/bin/setarch", "linux32", "--", "/usr/bin/systemd-nspawn"), line(PLAIN, "", false).subList(0, 4));
        assertEquals("/usr/bin/systemd-nspawn", line(PLAIN, "qemu-arm", false).get(0));
    }
}
