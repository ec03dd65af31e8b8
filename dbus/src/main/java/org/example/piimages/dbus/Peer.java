package org.example.piimages.dbus;

import java.util.concurrent.CompletableFuture;

/** One on the bus who is called, with at most so many calls at once: see {@link CallQueue}. */
public final class Peer {

    private final BusConnection bus;
    private final String name;
    private final CallQueue calls;

    /** The owner of a bus name. */
    public Peer(BusConnection bus, String name, int most) {
        this.bus = bus;
        this.name = name;
        this.calls = new CallQueue(most);
    }

    /** Calls a method and waits for the answer, at most 25 seconds. See {@link BusConnection#call}. */
    public Reply call(String path, String interfaceName, String member, String signature, Object... arguments) {
        return Reply.await(callAsync(path, interfaceName, member, signature, arguments), name);
    }

    /** Calls a method. See {@link BusConnection#callAsync}. */
    public CompletableFuture<Object[]> callAsync(String path, String interfaceName, String member, String signature,
            Object... arguments) {
        return calls.add(() -> bus.callAsync(name, path, interfaceName, member, (byte) 0, signature, arguments));
    }
}
