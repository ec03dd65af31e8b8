package org.example.piimages.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableTest {

    private final Table table = new Table("IMAGE", "OWNER");

    @BeforeEach
    void rows() {
        table.add("/home/pi/a-long-name-of-an.img", "1000");
        table.add("", "0");
    }

    @Test
    void columnsFitContent() {
        assertEquals(List.of("IMAGE                           OWNER", "/home/pi/a-long-name-of-an.img  1000",
                "-                               0"),
                table.lines(Integer.MAX_VALUE, true, false));
    }

    @Test
    void truncatesWidestColumnInMiddle() {
        List<String> lines = table.lines(26, true, false);
        assertEquals("/home/pi/…of-an.img  1000", lines.get(1));
    }

    @Test
    void wrapsOnNarrowTerminal() {
        assertEquals("/ho….img  1000", table.lines(1, false, false).get(0));
    }

    @Test
    void underlinesOnlyHeader() {
        assertEquals("\033[4mIMAGE                           OWNER\033[0m", table.lines(100, true, true).get(0));
    }

    @Test
    void countsSupplementaryCharacterOnce() {
        Table other = new Table("A", "B");
        other.add("\ud83c\udf53\ud83c\udf53", "x");
        assertEquals("\ud83c\udf53\ud83c\udf53  x", other.lines(80, false, false).get(0));
    }
}
