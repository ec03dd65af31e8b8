package org.example.piimages.daemon.machine.nspawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class UserRangeTest {

    private static final int BASE = 0x60000000;
    private static final UserRange RANGE = new UserRange(BASE);

    private static List<long[]> lines(String map) {
        return map.lines().map(line -> List.of(line.split(" ")).stream().mapToLong(Long::parseLong).toArray()).toList();
    }

    /** Returns the ID to which an ID is mapped; -1 if it is not mapped. */
    private static long mapped(String map, long id) {
        return lines(map).stream().filter(line -> id >= line[0] && id < line[0] + line[2]).mapToLong(line -> line[1] + id - line[0])
                .findFirst()
                .orElse(-1);
    }

    /** The kernel rejects a map with overlapping ranges. */
    private static void assertApart(String map) {
        for (int side : new int[] {0, 1}) {
            for (long[] line : lines(map)) {
                assertEquals(1,
                        lines(map).stream().filter(other -> line[side] < other[side] + other[2] && other[side] < line[side] + line[2])
                                .count(),
                        map);
            }
        }
    }

    @Test
    void mapsOnlyCallerToRoot() {
        assertEquals("1000 " + BASE + " 1\n", RANGE.userMap(1000, false));
        assertEquals("4321 " + BASE + " 1\n", RANGE.groupMap(4321, new int[] {4321}, true));
    }

    @Test
    void sharedMapKeepsOtherUsers() {
        for (int caller : new int[] {0, 1, 1000, 70000, BASE - 1, BASE, BASE + 70000, 0x7FFDFFFF, 0x7FFE0000, -2}) {
            String map = RANGE.userMap(caller, true);
            assertApart(map);
            assertTrue(map.lines().count() < 6, map);
            assertEquals(BASE, mapped(map, Integer.toUnsignedLong(caller)));
            assertEquals(caller == 0 ? BASE : 0x7FFE0000L, mapped(map, 0));
            assertEquals(1001, mapped(map, 1001));
            assertEquals(caller == BASE ? BASE : -1, mapped(map, BASE));
            assertFalse(lines(map).stream().anyMatch(line -> line[1] == 0), map);
        }
    }

    @Test
    void sharedMapHasGroupsOfCaller() {
        String map = RANGE.groupMap(50, new int[] {1000, 50, 0, 27, BASE + 3, 1000}, true);
        assertApart(map);
        assertEquals(BASE, mapped(map, 50));
        assertEquals(27, mapped(map, 27));
        assertEquals(0x7FFE0000L, mapped(map, 0));
        assertEquals(-1, mapped(map, BASE + 3));
        assertEquals(-1, mapped(map, 28));
    }

    @Test
    void unsharedMapKeepsOtherGroups() {
        String map = RANGE.groupMap(1000, new int[] {1000}, false);
        assertApart(map);
        assertEquals(BASE, mapped(map, 1000));
        assertEquals(28, mapped(map, 28));
        assertEquals(0x7FFE0000L, mapped(map, 0));
    }
}
