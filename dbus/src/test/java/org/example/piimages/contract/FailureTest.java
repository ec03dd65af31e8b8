package org.example.piimages.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FailureTest {

    @Test
    void errorNamesAreCamelCaseKinds() {
        for (Failure.Kind kind : Failure.Kind.values()) {
            String expected = Arrays.stream(kind.name().split("_")).map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining());
            assertEquals("org.example.PiImages.Error." + expected, kind.errorName());
        }
    }
}
