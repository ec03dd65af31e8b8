package org.example.piimages.daemon.image.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MountPointNameTest {

    @Test
    void plainNameIsKept() {
        assertEquals("2024-11-19-raspios.img", MountPointName.of("/home/pi/2024-11-19-raspios.img"));
    }

    @Test
    void unsafeCharactersAreReplaced() {
        for (String path : List.of("/a b.img", "/..", "/.", "/-rf", "/\n", "/ö漢.img", "/" + "x".repeat(255), "/$(reboot)", "/", "")) {
            String name = MountPointName.of(path);
            assertTrue(name.matches("[A-Za-z0-9_+][A-Za-z0-9._+-]{0,63}"), path + " became " + name);
        }
    }
}
