package org.example.piimages.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Activity;
import org.example.piimages.daemon.linux.systemd.ServiceState;
import org.example.piimages.daemon.system.PrivateBus;
import org.example.piimages.daemon.system.TestDirectory;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.UInt32;
import org.junit.jupiter.api.Test;

/** Tests that the daemon exits when it is idle, and checks again after it has released its name. */
class IdleExitIT {

    private final AtomicInteger ends = new AtomicInteger();

    /** Returns how often the daemon has exited and whether it owns its name, after a number of checks. */
    private List<Object> after(int checks, BooleanSupplier needed) throws Exception {
        try (TestDirectory directory = new TestDirectory(); PrivateBus bus = new PrivateBus(directory);
                BusConnection service = BusConnection.open(bus.address(), false)) {
            service.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RequestName", "su", Names.SERVICE, new UInt32(4));
            IdleExit exit = new IdleExit(service, ServiceState.ofThisProcess(), new Activity(), needed, Duration.ZERO,
                    ends::incrementAndGet);
            for (int i = 0; i < checks; i++) {
                exit.check();
            }
            return List.of(ends.get(), service.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameHasOwner", "s",
                    Names.SERVICE).get(0));
        }
    }

    @Test
    void exitsWhenIdle() throws Exception {
        assertEquals(List.of(1, false), after(1, () -> false));
    }

    @Test
    void continuesWhileNeeded() throws Exception {
        assertEquals(List.of(0, true), after(3, () -> true));
    }

    /** The call that started the job has been answered. */
    @Test
    void continuesForJobStartedBeforeRelease() throws Exception {
        AtomicInteger queries = new AtomicInteger();
        assertEquals(List.of(0, true), after(2, () -> queries.getAndIncrement() > 0));
    }

    @Test
    void retriesAfterFailure() throws Exception {
        AtomicInteger queries = new AtomicInteger();
        assertEquals(List.of(1, false), after(2, () -> {
            if (queries.getAndIncrement() == 0) {
                throw new IllegalStateException("no answer");
            }
            return false;
        }));
    }

    @Test
    void requestsNameAfterFailure() throws Exception {
        AtomicInteger queries = new AtomicInteger();
        assertEquals(List.of(0, true), after(2, () -> {
            if (queries.incrementAndGet() == 2) {
                throw new IllegalStateException("no answer");
            }
            return queries.get() > 2;
        }));
    }
}
