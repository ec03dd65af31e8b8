package org.example.piimages.daemon.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.image.MachineView;
import org.junit.jupiter.api.Test;

class NspawnCommandTest {

    private static final MachineView VIEW = new MachineView("1_2_3", false, false, Path.of("/run/m/root"),
            Map.of(Path.of("/run/m/volume-1"), "/boot/firmware"), List.of());
    private static final MachineMode PLAIN = new MachineMode(false, false, false, Network.HOST);
    private static final MachineMode BOOT = new MachineMode(true, true, false, Network.PRIVATE);

    private static Task task(List<String> environment, String directory, String user, String... command) {
        return new Task(List.of(command), environment, directory, user);
    }

    private static List<String> line(MachineMode mode, String interpreter, Task task, boolean terminal, Map<String, Path> overlays) {
        MachineRecord machine = new MachineRecord("pi", 1000, ":1.1", "", "/pi.img", task.command(), "armv7l", interpreter, List.of(),
                mode.boot(), mode, 1);
        return NspawnCommand.of(machine, Privileges.NONE, task, terminal, VIEW, overlays, List.of("--bind=/run/m/bind-0:/mnt:rootidmap"),
                "raspberrypi");
    }

    private static List<String> line(String... command) {
        return line(PLAIN, "qemu-arm", task(List.of(), "", "", command), false, Map.of());
    }

    @Test
    void usersAreAlwaysMappedAndSettingsOfOthersNeverRead() {
        for (List<String> line : List.of(line("true"), line(BOOT, "", task(List.of(), "", ""), false, Map.of()))) {
            assertTrue(line.containsAll(List.of("--private-users=pick", "--private-users-ownership=map", "--settings=no", "--keep-unit",
                    "--bind=/run/m/bind-0:/mnt:rootidmap")), line.toString());
        }
        assertFalse(line("true").contains("--read-only") || line("true").contains("--private-network"));
    }

    @Test
    void commandComesLastAndWordForWord() {
        List<String> line = line("--help", "a b", "", "$X");
        assertEquals(List.of("--", "/run/piimages/init", "--", "--help", "a b", "", "$X"), line.subList(line.size() - 7, line.size()));
    }

    @Test
    void furtherPartitionsAreBoundWhereTheyBelongWithTheirOwners() {
        assertTrue(line("true").contains("--bind=/run/m/volume-1:/boot/firmware:idmap"));
        List<String> readOnly = line(BOOT, "qemu-arm", task(List.of(), "", ""), false, Map.of());
        assertTrue(readOnly.contains("--bind-ro=/run/m/volume-1:/boot/firmware:idmap") && readOnly.contains("--read-only"));
    }

    @Test
    void colonsAndBackslashesOfPathsAreEscaped() {
        assertTrue(line(PLAIN, "qemu-arm", task(List.of(), "", "", "true"), false, Map.of("/a:b\\c", Path.of("/x:y")))
                .contains("--bind-ro=/x\\:y:/a\\:b\\\\c"));
    }

    @Test
    void whatTheCallerWantsBecomesAnOptionEach() {
        List<String> line = line(PLAIN, "qemu-arm", task(List.of("A=1", "B=two words"), "/root", "pi", "true"), true, Map.of());
        assertTrue(line.containsAll(List.of("--setenv=A=1", "--setenv=B=two words", "--chdir=/root", "--user=pi",
                "--console=interactive")), line.toString());
        assertTrue(line("true").contains("--console=pipe"));
    }

    @Test
    void systemctlStartsNothingWhereNobodyIsThereToAskAndTheCallersWordComesLast() {
        List<String> line = line(PLAIN, "qemu-arm", task(List.of("SYSTEMD_OFFLINE=0"), "", "", "true"), false, Map.of());
        assertTrue(line.indexOf("--setenv=SYSTEMD_OFFLINE=1") < line.indexOf("--setenv=SYSTEMD_OFFLINE=0"));
        assertTrue(line("true").contains("--setenv=SYSTEMD_OFFLINE=1") && line("true").contains("--hostname=raspberrypi"));
        assertFalse(line(BOOT, "", task(List.of(), "", ""), false, Map.of()).contains("--setenv=SYSTEMD_OFFLINE=1"));
    }

    @Test
    void anInitIsAskedToEndByASignalThatQemuPassesOn() {
        List<String> line = line(BOOT, "qemu-arm", task(List.of(), "", ""), false, Map.of());
        assertTrue(line.containsAll(List.of("--boot", "--kill-signal=SIGPWR", "--notify-ready=yes", "--private-network",
                "--setenv=SYSTEMD_UNIT_PATH=/run/piimages/units:", "--setenv=QEMU_RTSIG_MAP=36 36 8")), line.toString());
        assertFalse(line.contains("--"));
        assertFalse(line(BOOT, "", task(List.of(), "", ""), false, Map.of()).contains("--setenv=QEMU_RTSIG_MAP=36 36 8"));
    }

    @Test
    void a32BitSystemThatRunsNativelyIsToldSoByItsKernel() {
        assertEquals(List.of("/usr/bin/setarch", "linux32", "--", "/usr/bin/systemd-nspawn"),
                line(PLAIN, "", task(List.of(), "", "", "true"), false, Map.of()).subList(0, 4));
        assertEquals("/usr/bin/systemd-nspawn", line("true").get(0));
    }
}
