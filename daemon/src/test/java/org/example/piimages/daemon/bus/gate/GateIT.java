package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.system.PrivateBus;
import org.example.piimages.daemon.system.TestDirectory;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.UInt32;
import org.junit.jupiter.api.Test;

/** The caller gets an error reply even if the reply itself cannot be sent. */
class GateIT {

    private static void serve(BusConnection bus, BusObject manager) throws Exception {
        Contract contract = Contract.load();
        ObjectTree tree = new ObjectTree(contract, manager, List::of, () -> "");
        bus.onMethodCall(new Gate(bus, contract, tree, new CallThreads())::accept);
        bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RequestName", "su", Names.SERVICE, new UInt32(0));
    }

    private static RemoteError error(BusConnection client, String member) {
        return assertThrows(RemoteError.class, () -> client.call(Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, member, ""));
    }

    @Test
    void replyThatViolatesTheContractBecomesAnError() throws Exception {
        BusObject manager = new BusObject(Names.MANAGER_PATH)
                .method(Names.MANAGER, "ListImages", call -> CompletableFuture.completedFuture(new Object[] {"no list"}))
                .method(Names.MANAGER, "ListMachines", call -> CompletableFuture.completedFuture(new Object[0]))
                .method(Names.MANAGER, "ListInterpreters", call -> {
                    throw new Failure(Failure.Kind.BUSY, "a text with \0 in it");
                });
        try (TestDirectory directory = new TestDirectory(); PrivateBus bus = new PrivateBus(directory);
                BusConnection service = BusConnection.open(bus.address(), true);
                BusConnection client = BusConnection.open(bus.address(), false)) {
            serve(service, manager);
            for (String member : List.of("ListImages", "ListMachines")) {
                RemoteError error = error(client, member);
                assertEquals(Failure.Kind.FAILED.errorName(), error.errorName());
                assertTrue(error.getMessage().contains("unexpected error"), error.getMessage());
            }
            assertEquals(Failure.Kind.BUSY.errorName(), error(client, "ListInterpreters").errorName());
        }
    }
}
