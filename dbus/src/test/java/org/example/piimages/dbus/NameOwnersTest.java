package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NameOwnersTest {

    private static final String NAME = "org.freedesktop.systemd1";

    private final NameOwners owners = new NameOwners();

    @Test
    void nameWithoutOwnerMatchesNoSender() {
        assertFalse(owners.isFrom(NAME, ":1.1"));
        assertFalse(owners.isFrom(NAME, null));
        owners.changed(NAME, "");
        assertFalse(owners.isFrom(NAME, ":1.1"));
    }

    @Test
    void onlyOwnerMatchesName() {
        owners.found(NAME, ":1.1");
        assertTrue(owners.isFrom(NAME, ":1.1"));
        assertFalse(owners.isFrom(NAME, ":1.2"));
        owners.changed(NAME, ":1.2");
        assertTrue(owners.isFrom(NAME, ":1.2"));
        assertFalse(owners.isFrom(NAME, ":1.1"));
    }

    @Test
    void announcementOverridesOlderLookup() {
        owners.changed(NAME, ":1.2");
        owners.found(NAME, ":1.1");
        assertTrue(owners.isFrom(NAME, ":1.2"));
    }

    @Test
    void tracksNamesOnceAndNeverTheBus() {
        assertTrue(owners.watch(NAME));
        assertFalse(owners.watch(NAME));
        assertFalse(owners.watch(BusConnection.BUS));
        assertFalse(owners.watch(":1.1"));
        assertTrue(owners.isFrom(BusConnection.BUS, BusConnection.BUS));
    }
}
