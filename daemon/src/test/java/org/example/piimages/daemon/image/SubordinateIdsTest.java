package org.example.piimages.daemon.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** All subordinate IDs of a user count as one account. */
class SubordinateIdsTest {

    private final SubordinateIds ids = SubordinateIds.of(List.of("alice:100000:65536", "# a comment", "1001:165536:65536", "bob:x:3", "",
            "carol:4294901760:65535"));

    @Test
    void idsInRangeMapToFirst() {
        assertEquals(100000, ids.account(100000));
        assertEquals(100000, ids.account(165535));
        assertEquals(165536, ids.account(165536));
        assertEquals((int) 4294901760L, ids.account((int) 4294901761L));
    }

    /** Otherwise all users of a directory service would share one limit, or a user would share root's. */
    @Test
    void ignoresRootAndItsRanges() {
        SubordinateIds others = SubordinateIds.of(List.of("root:1000000:1000000000", "0:100000:65536", "eve:0:65536"));
        assertEquals(1234567, others.account(1234567));
        assertEquals(100001, others.account(100001));
        assertEquals(1000, others.account(1000));
        assertEquals(0, others.account(0));
    }

    @Test
    void otherIdsMapToThemselves() {
        assertEquals(0, ids.account(0));
        assertEquals(1000, ids.account(1000));
        assertEquals(99999, ids.account(99999));
        assertEquals(231072, ids.account(231072));
        assertEquals(-1, ids.account(-1));
    }
}
