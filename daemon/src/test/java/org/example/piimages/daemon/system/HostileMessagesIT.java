package org.example.piimages.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.system.HostileMessages.Case;
import org.example.piimages.daemon.system.HostileMessages.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Any user can send the daemon any bytes that the bus lets through. It goes on answering, and keeps none of their descriptors. */
class HostileMessagesIT extends InTestSystem {

    private static final int FLOOD = 300;

    private static int descriptors;

    @BeforeAll
    static void prepare() throws Exception {
        // What the first call of each kind loads and opens stays open.
        here.root().manager("ListImages", "");
        descriptors = here.daemon().descriptors();
    }

    private static void ping() throws Exception {
        here.root().send((byte) 0, Names.MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", "").get(1, TimeUnit.SECONDS);
    }

    /** What was begun in another thread may end after the answer to a later call: a few more of those are waited for. */
    private static void assertNoDescriptorKept() throws Exception {
        here.daemon().requireDescriptors(descriptors);
    }

    @TestFactory
    Stream<DynamicTest> daemonOutlives() {
        return HostileMessages.all().stream().map(hostile -> dynamicTest(hostile.name(), () -> outlives(hostile)));
    }

    private static void outlives(Case hostile) throws Exception {
        try (RawClient client = RawClient.connect(here.bus().socket(), TestSystem.BOB)) {
            try {
                client.send(hostile.message().get());
                if (hostile.outcome() == Outcome.ANSWERED) {
                    RawClient.Answer answer = client.awaitAnswer(RawMessage.SERIAL);
                    assertEquals(hostile.answer(), answer.errorName());
                }
            } catch (IOException e) {
                assertEquals(Outcome.UP_TO_THE_BUS, hostile.outcome(), e.toString());
            }
            ping();
        }
        assertTrue(here.daemon().isAlive(), here.daemon().log());
        assertNoDescriptorKept();
    }

    @Test
    void daemonOutlivesAClientThatLeavesInTheMiddleOfAMessage() throws Exception {
        try (RawClient client = RawClient.connect(here.bus().socket(), TestSystem.BOB)) {
            client.send(RawMessage.ping().falsifyBodyLength(100_000));
        }
        ping();
    }

    @Test
    void descriptorsOfCallsThatNobodyWaitsForAreClosed() throws Exception {
        try (RawClient client = RawClient.connect(here.bus().socket(), TestSystem.BOB)) {
            for (int i = 0; i < FLOOD; i++) {
                client.send(RawMessage.ping().flags(1).descriptors(4).serial(100 + i));
            }
            client.send(RawMessage.ping());
            client.awaitAnswer(RawMessage.SERIAL);
        }
        assertNoDescriptorKept();
    }

    @Test
    void nothingOfTheDaemonsInsidesIsInAnError() throws Exception {
        for (String member : List.of("MountImage", "GetImage", "RunImage")) {
            String text = BusClient.error(here.bob().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, member, "x", 1L)).getMessage();
            assertFalse(text.contains("Exception") || text.contains("java"), text);
        }
    }
}
