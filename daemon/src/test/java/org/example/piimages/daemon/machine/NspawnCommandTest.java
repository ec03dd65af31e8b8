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

    private static final MachineView VIEW = new MachineView("1_2_3", false, Path.of("/run/m/root"),
            Map.of(Path.of("/run/m/volume-1"), "/boot/firmware"), List.of());

    private static Task task(String... command) {
        return new Task(List.of(command), List.of(), "", "");
    }

    private static List<String> line(Task task, MachineMode mode, boolean terminal, Map<String, Path> overlays) {
        MachineRecord machine = new MachineRecord("pi", 1000, ":1.1", "", "/pi.img", task.command(), "armv7l", "qemu-arm", mode.boot(),
                mode, 1);
        return NspawnCommand.of(machine, task, terminal, VIEW, overlays, List.of());
    }

    private static MachineMode mode(boolean boot, boolean readOnly, Network network) {
        return new MachineMode(boot, readOnly, false, network);
    }

    private static List<String> line(Task task, boolean readOnly) {
        return line(task, mode(false, readOnly, Network.HOST), false, Map.of());
    }

    @Test
    void usersAreAlwaysMappedAndSettingsOfOthersNeverRead() {
        List<String> line = line(task("true"), false);
        assertTrue(line.containsAll(List.of("--private-users=pick", "--private-users-ownership=map", "--settings=no", "--keep-unit")),
                line.toString());
        assertFalse(line.contains("--read-only"));
    }

    @Test
    void commandComesLastAndWordForWord() {
        List<String> line = line(task("--help", "a b", "", "$X"), false);
        assertEquals(List.of("--", "/run/piimages/init", "--", "--help", "a b", "", "$X"), line.subList(line.size() - 7, line.size()));
    }

    @Test
    void furtherPartitionsAreBoundWhereTheyBelongWithTheirOwners() {
        assertTrue(line(task("true"), false)
                .contains("--bind=/run/m/volume-1:/boot/firmware:idmap"));
        List<String> readOnly = line(task("true"), true);
        assertTrue(readOnly.contains("--bind-ro=/run/m/volume-1:/boot/firmware:idmap") && readOnly.contains("--read-only"));
    }

    @Test
    void colonsAndBackslashesOfPathsAreEscaped() {
        assertTrue(line(task("true"), mode(false, false, Network.HOST), false, Map.of("/a:b\\c", Path.of("/x:y")))
                .contains("--bind-ro=/x\\:y:/a\\:b\\\\c"));
    }

    @Test
    void whatTheCallerWantsBecomesAnOptionEach() {
        Task task = new Task(List.of("true"), List.of("A=1", "B=two words"), "/root", "pi");
        List<String> line = line(task, mode(false, false, Network.HOST), true, Map.of());
        assertTrue(line.containsAll(List.of("--setenv=A=1", "--setenv=B=two words", "--chdir=/root", "--user=pi",
                "--console=interactive")), line.toString());
        assertTrue(line(task("true"), false).contains("--console=pipe"));
    }

    @Test
    void bootStartsTheImagesOwnInitAndNoneOfOurs() {
        List<String> line = line(task(), mode(true, false, Network.PRIVATE), false, Map.of());
        assertTrue(line.containsAll(List.of("--boot", "--private-network", "--notify-ready=yes", "--console=read-only")), line.toString());
        assertFalse(line.contains("--"));
    }
}
