package org.example.piimages.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EffectiveUserTest {

    @Test
    void isTheSecondOfTheFourUids() {
        assertEquals(4_000_000_000L, EffectiveUser.uid("Name:\tUid:\nUmask:\t0022\nUid:\t7\t4000000000\t9\t9\nGid:\t1\t2\t3\t4\n"));
    }

    @Test
    void isWhoseFilesThisTestMakes() throws Exception {
        Path file = Files.createTempFile("effective", "user");
        assertEquals(((Integer) Files.getAttribute(file, "unix:uid")).longValue(), EffectiveUser.uid());
        Files.delete(file);
    }
}
