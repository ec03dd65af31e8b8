package org.example.piimages.daemon.image.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.function.Executable;

/** Assertions on refusals: each is a failure of the right kind with one line that contains the expected text. */
public final class FailureAssertions {

    private FailureAssertions() {
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
