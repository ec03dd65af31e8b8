package org.example.piimages.daemon.bus.gate;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.MatchRule;

/**
 * Watches for callers that disconnect from the bus before their call has ended. All calls share one match rule, which is added with the
 * first of them: a bus allows a connection 512 rules (dbus-daemon(1), max_match_rules_per_connection), and there may be more calls than
 * that.
 */
public final class DisconnectWatch {

    private final BusConnection bus;
    private final Map<String, Queue<Runnable>> watched = new ConcurrentHashMap<>();
    private boolean listening;

    public DisconnectWatch(BusConnection bus) {
        this.bus = bus;
    }

    /**
     * Passes on the result of {@code work}, and runs an action if the caller disconnects before the result is available.
     *
     * @param onDeparture run at most once; must not block
     */
    public <T> CompletableFuture<T> watch(CompletableFuture<T> work, Caller caller, Runnable onDeparture) {
        listen();
        watched.compute(caller.sender(), (name, others) -> {
            Queue<Runnable> all = others == null ? new ConcurrentLinkedQueue<>() : others;
            all.add(onDeparture);
            return all;
        });
        // The bus does not announce again that a caller disconnected before the rule was added.
        bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameHasOwner", (byte) 0, "s", caller.sender())
                .thenAccept(answer -> {
                    if (!(Boolean) answer[0]) {
                        disconnected(caller.sender());
                    }
                });
        return work.whenComplete((result, error) -> watched.computeIfPresent(caller.sender(), (name, all) -> {
            all.remove(onDeparture);
            return all.isEmpty() ? null : all;
        }));
    }

    private synchronized void listen() {
        if (!listening) {
            bus.subscribe(new MatchRule(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameOwnerChanged"), change -> {
                if (((String) change[2]).isEmpty()) {
                    disconnected((String) change[0]);
                }
            });
            listening = true;
        }
    }

    private void disconnected(String name) {
        Queue<Runnable> all = watched.remove(name);
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }
}
