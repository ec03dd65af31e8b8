package org.example.piimages.cli.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTest {

    @Test
    void keepsOrdinaryText() {
        String text = "/home/bj\u00f6rn/\u043e\u0431\u0440\u0430\u0437 \ud83c\udf53.img";
        assertSame(text, Printable.of(text));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"10, \\n", "9, \\t", "13, \\r", "27, \\x1b", "0, \\x00", "127, \\x7f", "155, \\u009b",
        "8238, \\u202e",
        "8232, \\u2028", "55357, \\ud83d", "917505, \\U000e0001"})
    void escapesControlAndDirectionCharacters(int character, String escape) {
        assertEquals("a" + escape + "b", Printable.of("a" + Character.toString(character) + "b"));
    }
}
