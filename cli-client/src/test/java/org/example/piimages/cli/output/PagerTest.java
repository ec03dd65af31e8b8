package org.example.piimages.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.example.piimages.cli.terminal.TerminalSize;
import org.junit.jupiter.api.Test;

class PagerTest {

    @Test
    void choosesPagerLikeSystemd() {
        assertEquals(List.of(List.of("less"), List.of("more")), Pager.programs(Map.of()));
        assertEquals(List.of(List.of("most", "-s")), Pager.programs(Map.of("PAGER", " most  -s ")));
        assertEquals(List.of(List.of("less", "-S")), Pager.programs(Map.of("SYSTEMD_PAGER", "less -S", "PAGER", "most")));
    }

    @Test
    void canBeDisabled() {
        assertEquals(List.of(), Pager.programs(Map.of("SYSTEMD_PAGER", "", "PAGER", "less")));
        assertEquals(List.of(), Pager.programs(Map.of("PAGER", "cat")));
    }

    @Test
    void terminalSizeIsFromEnvironmentOrStty() {
        assertEquals(new TerminalSize(50, 132), TerminalSize.of(null, null, "50 132"));
        assertEquals(new TerminalSize(10, 40), TerminalSize.of("10", "40", "50 132"));
        assertEquals(new TerminalSize(24, 80), TerminalSize.of("0", "wide", ""));
        assertEquals(new TerminalSize(24, 80), TerminalSize.of(null, null, ""));
    }
}
