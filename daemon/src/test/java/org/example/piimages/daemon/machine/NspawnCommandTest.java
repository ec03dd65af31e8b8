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

    private static final MachineView VIEW = new MachineView(Path.of("/run/m/root"), Map.of(Path.of("/run/m/volume-1"), "/boot/firmware"));

    private static MachineRequest request(List<String> environment, String directory, String user, boolean terminal, String... command) {
        return new MachineRequest("", List.of(command), environment, directory, user, false, new Streams(null, null, null, terminal));
    }

    private static List<String> line(MachineRequest request, boolean readOnly, Map<String, Path> overlays) {
        return NspawnCommand.of("pi", request, VIEW, readOnly, overlays);
    }

    @Test
    void usersAreAlwaysMappedAndSettingsOfOthersNeverRead() {
        List<String> line = line(request(List.of(), "", "", false, "true"), false, Map.of());
        assertTrue(line.containsAll(List.of("--private-users=pick", "--private-users-ownership=map", "--settings=no", "--keep-unit")),
                line.toString());
        assertFalse(line.contains("--read-only"));
    }

    @Test
    void commandComesLastAndWordForWord() {
        List<String> line = line(request(List.of(), "", "", false, "--help", "a b", "", "$X"), false, Map.of());
        assertEquals(List.of("--", "/run/piimages-init", "--", "--help", "a b", "", "$X"), line.subList(line.size() - 7, line.size()));
    }

    @Test
    void furtherPartitionsAreBoundWhereTheyBelongWithTheirOwners() {
        assertTrue(line(request(List.of(), "", "", false, "true"), false, Map.of())
                .contains("--bind=/run/m/volume-1:/boot/firmware:idmap"));
        List<String> readOnly = line(request(List.of(), "", "", false, "true"), true, Map.of());
        assertTrue(readOnly.contains("--bind-ro=/run/m/volume-1:/boot/firmware:idmap") && readOnly.contains("--read-only"));
    }

    @Test
    void colonsAndBackslashesOfPathsAreEscaped() {
        assertTrue(line(request(List.of(), "", "", false, "true"), false, Map.of("/a:b\\c", Path.of("/x:y")))
                .contains("--bind-ro=/x\\:y:/a\\:b\\\\c"));
    }

    @Test
    void whatTheCallerWantsBecomesAnOptionEach() {
        List<String> line = line(request(List.of("A=1", "B=two words"), "/root", "pi", true, "true"), false, Map.of());
        assertTrue(line.containsAll(List.of("--setenv=A=1", "--setenv=B=two words", "--chdir=/root", "--user=pi",
                "--console=interactive")), line.toString());
        assertTrue(line(request(List.of(), "", "", false, "true"), false, Map.of()).contains("--console=pipe"));
    }
}
