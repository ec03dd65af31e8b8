package org.example.piimages.daemon.image.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.example.piimages.daemon.linux.process.Processes;
import org.junit.jupiter.api.Test;

class OwnerTest {

    private final long self = ProcessHandle.current().pid();
    private final int own = Processes.group(self).orElseThrow();

    @Test
    void primaryGroupComesFirst() {
        assertArrayEquals(new int[] {own, own + 7, own + 9}, Owner.primaryFirst(new int[] {own + 7, own, own + 9}, self));
    }

    @Test
    void primaryGroupUnknownToBusIsIgnored() {
        assertArrayEquals(new int[] {own + 7, own + 9}, Owner.primaryFirst(new int[] {own + 7, own + 9}, self));
    }

    @Test
    void orderIsKeptForProcessThatExited() {
        assertArrayEquals(new int[] {own + 7, own}, Owner.primaryFirst(new int[] {own + 7, own}, 0));
    }
}
