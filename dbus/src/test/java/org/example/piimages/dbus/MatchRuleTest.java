package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class MatchRuleTest {

    private static MatchRule of(String path, boolean shared) {
        return new MatchRule("a.b", path, "a.b.C", "D", "first", shared);
    }

    @Test
    void ruleNamesTheObjectUnlessItIsShared() {
        assertEquals("type='signal',sender='a.b',path='/x',interface='a.b.C',member='D',arg0='first'", of("/x", false).text());
        assertNotEquals(of("/x", false).text(), of("/y", false).text());
        assertEquals("type='signal',sender='a.b',interface='a.b.C',member='D',arg0='first'", of("/x", true).text());
        assertEquals(of("/x", true).text(), of("/y", true).text());
    }
}
