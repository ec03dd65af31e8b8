package org.example.piimages.dbus;

import java.util.concurrent.CompletableFuture;

/** A peer on the bus with a limit on the number of concurrent calls to it: see {@link CallQueue}. */
public final class Peer {

    private final BusConnection bus;
    private final String name;
    private final CallQueue calls;

    /** Addresses the owner of a bus name, with at most {@code maximum} calls at once. */
    public Peer(BusConnection bus, String name, int maximum) {
        this.bus = bus;
        this.name = name;
        this.calls = new CallQueue(maximum);
    }

    /** Calls a method and waits for the reply for at most 25 seconds. See {@link BusConnection#call}. */
    public Reply call(String path, String interfaceName, String member, String signature, Object... arguments) {
        return Reply.await(callAsync(path, interfaceName, member, signature, arguments), name);
    }

    /** Calls a method. See {@link BusConnection#callAsync}. */
    public CompletableFuture<Object[]> callAsync(String path, String interfaceName, String member, String signature,
            Object... arguments) {
        return calls.add(() -> bus.callAsync(name, path, interfaceName, member, (byte) 0, signature, arguments));
    }
}
