package org.example.piimages.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class DetailsTest {

    @Test
    void quotesCommandsForShell() {
        assertEquals("sh -c 'echo $1; it'\\''s' ''", CommandText.of(List.of("sh", "-c", "echo $1; it's", "")));
    }
}
