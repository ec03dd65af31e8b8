package org.example.piimages.daemon.bus;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.MatchRule;

/** Watches for callers who leave the bus while something of theirs goes on. */
final class Departures {

    private final BusConnection bus;

    Departures(BusConnection bus) {
        this.bus = bus;
    }

    /**
     * Passes the work's result on, and does something when the caller leaves before it is there.
     *
     * @param onDeparture run at most once; must not block
     */
    <T> CompletableFuture<T> during(CompletableFuture<T> work, Caller caller, Runnable onDeparture) {
        MatchRule left = new MatchRule(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameOwnerChanged", caller.sender());
        Closeable watch = bus.subscribe(left, change -> {
            if (change[0].equals(caller.sender()) && ((String) change[2]).isEmpty()) {
                onDeparture.run();
            }
        });
        // Whoever left before the bus knew of the watch is not announced again.
        bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameHasOwner", (byte) 0, "s", caller.sender())
                .thenAccept(answer -> {
                    if (!(Boolean) answer[0]) {
                        onDeparture.run();
                    }
                });
        return work.whenComplete((result, error) -> close(watch));
    }

    private static void close(Closeable watch) {
        try {
            watch.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
