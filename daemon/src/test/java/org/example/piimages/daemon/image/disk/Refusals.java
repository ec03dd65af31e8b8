package org.example.piimages.daemon.image.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.function.Executable;

/** What every refusal has to be: a failure of the right kind, whose one line says the expected. */
public final class Refusals {

    private Refusals() {
    }

    public static void assertInvalid(String expected, Executable action) {
        assertRefused(Failure.Kind.INVALID_IMAGE, expected, action);
    }

    public static void assertRefused(Failure.Kind kind, String expected, Executable action) {
        Failure failure = assertThrows(Failure.class, action);
        assertEquals(kind, failure.kind());
        assertTrue(failure.getMessage().contains(expected), failure.getMessage());
        assertTrue(failure.getMessage().chars().noneMatch(Character::isISOControl), failure.getMessage());
    }
}
