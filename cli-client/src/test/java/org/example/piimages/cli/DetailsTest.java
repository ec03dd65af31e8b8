package org.example.piimages.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetailsTest {

    @ParameterizedTest
    @CsvSource({"0, 0B", "1023, 1023B", "1024, 1K", "268435456, 256M", "1992294400, 1.9G", "9223372036854775807, 8E"})
    void sizesAreForPeople(long bytes, String text) {
        assertEquals(text, Details.size(bytes));
    }

    @Test
    void commandsCanBeTypedAgain() {
        assertEquals("sh -c 'echo $1; it'\\''s' ''", CommandText.of(List.of("sh", "-c", "echo $1; it's", "")));
    }
}
