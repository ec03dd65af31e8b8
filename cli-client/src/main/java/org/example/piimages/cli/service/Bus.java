package org.example.piimages.cli.service;

import java.io.Closeable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A connection to the service. Commands use the system bus; tests provide their own implementation. */
public interface Bus extends Closeable {

    /** Opens a bus connection. */
    interface Opener {
        /**
         * Connects. File descriptors can be passed only if {@code passFds} is true, which requires native code to be loaded. Throws {@code
         * CommandFailure} if the bus cannot be reached.
         */
        Bus open(boolean passFds);
    }

    /**
     * Sends a call. The future completes with the values of the reply, with {@link org.example.piimages.dbus.RemoteError}, or with
     * IOException if the connection is lost; there is no timeout.
     *
     * @param interactive whether polkit may ask the user
     */
    CompletableFuture<Object[]> send(Call call, boolean interactive);

    /** A subscription to a signal, which ends when it is closed. */
    interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    /** Subscribes to a signal of the Manager. The listener gets the arguments of each signal, and must not block. */
    Listening onManagerSignal(String member, Consumer<Object[]> listener);

    /** Subscribes like {@link #onManagerSignal} to a signal of another object or interface of the service. */
    Listening onSignal(String path, String interfaceName, String member, Consumer<Object[]> listener);

    /** Returns the unique name of this connection, by which the service identifies the caller. */
    String name();

    /** Disconnects from the bus. The service cancels calls that are still pending. */
    @Override
    void close();
}
