package org.example.piimages.cli.service;

import java.io.Closeable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The way to the service. Real commands go over the system bus; tests put their own behind it. */
public interface Bus extends Closeable {

    /** Opens a bus connection. */
    interface Opener {
        /**
         * Connects. File descriptors can be passed only where {@code passFds} is true, which costs the loading of native code. Throws
         * {@code CommandFailure} when the bus cannot be reached.
         */
        Bus open(boolean passFds);
    }

    /**
     * Sends a call. The future completes with the answer's values, with {@link org.example.piimages.dbus.RemoteError}, or with
     * IOException when the bus is gone; there is no time limit.
     *
     * @param interactive whether polkit may ask a person
     */
    CompletableFuture<Object[]> send(Call call, boolean interactive);

    /** What listens to a signal, until it is closed. */
    interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    /** Calls the listener with the arguments of each such signal of the Manager, from now on. It must not block. */
    Listening onManagerSignal(String member, Consumer<Object[]> listener);

    /** As {@link #onManagerSignal}, for a signal of another object or interface of the service. */
    Listening onSignal(String path, String interfaceName, String member, Consumer<Object[]> listener);

    /** This connection's unique name, by which the service knows whose call it is. */
    String name();

    /** Leaves the bus. Calls that are not answered yet are cancelled by the service. */
    @Override
    void close();
}
