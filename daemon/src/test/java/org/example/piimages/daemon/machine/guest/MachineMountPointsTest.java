package org.example.piimages.daemon.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class MachineMountPointsTest {

    private static void refuses(MachineMountPoints places, String place) {
        Failure failure = assertThrows(Failure.class, () -> places.claim(place), place);
        assertEquals(Failure.Kind.INVALID_ARGUMENT, failure.kind());
        assertTrue(failure.getMessage().contains("the machine has its own"), failure.getMessage());
    }

    @Test
    void rejectsBindAtAboveOrBelowMountPoint() {
        MachineMountPoints places = new MachineMountPoints();
        places.add(List.of("/boot/firmware", "/etc/resolv.conf"));
        for (String place : List.of("/run", "/tmp", "/dev", "/dev/null", "/proc/1", "/sys/fs/cgroup", "/run/host", "/run/host/x",
                "/run/systemd/x", "/run/piimages/init", "/boot", "/boot/firmware", "/boot/firmware/x", "/etc", "/etc/resolv.conf")) {
            refuses(places, place);
        }
    }

    @Test
    void rejectsBindAtAboveOrBelowAnother() {
        MachineMountPoints places = new MachineMountPoints();
        places.claim("/run/a");
        places.claim("/tmp/a");
        places.claim("/run/ab");
        places.claim("/mnt/b/c");
        refuses(places, "/run/a");
        refuses(places, "/run/a/b");
        refuses(places, "/mnt");
        refuses(places, "/mnt/b");
    }

    @Test
    void pathsBelowRunAndTmpAreInMemory() {
        assertEquals(Optional.of("/run"), MachineMountPoints.tmpfsOf("/run/x"));
        assertEquals(Optional.of("/tmp"), MachineMountPoints.tmpfsOf("/tmp/x/y"));
        assertEquals(Optional.empty(), MachineMountPoints.tmpfsOf("/runner/x"));
        assertEquals(Optional.empty(), MachineMountPoints.tmpfsOf("/run"));
    }
}
