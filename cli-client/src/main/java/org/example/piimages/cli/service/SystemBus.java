package org.example.piimages.cli.service;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.MatchRule;

/** A connection to the service over the system bus. */
public final class SystemBus implements Bus {

    private static final String DEFAULT_ADDRESS = "unix:path=/run/dbus/system_bus_socket";

    private final BusConnection connection;

    private SystemBus(BusConnection connection) {
        this.connection = connection;
    }

    /**
     * Loads the classes that are required to connect, without connecting. Called in parallel with parsing the command line, which takes
     * longer.
     */
    public static void prepare() {
        try {
            SocketChannel.open(StandardProtocolFamily.UNIX).close();
        } catch (IOException e) {
            // Connecting will fail in the same way, and reports it.
        }
    }

    /** Connects to {@code DBUS_SYSTEM_BUS_ADDRESS}, or to the well-known socket; see {@link Bus.Opener}. */
    public static SystemBus open(boolean passFds) {
        String address = System.getenv().getOrDefault("DBUS_SYSTEM_BUS_ADDRESS", DEFAULT_ADDRESS);
        try {
            return new SystemBus(BusConnection.open(address, passFds));
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailure(ExitCode.UNREACHABLE, "cannot reach the system message bus at " + address + ": "
                    + e.getMessage() + "; is the service dbus running?");
        }
    }

    @Override
    public CompletableFuture<Object[]> send(Call call, boolean interactive) {
        byte flags = interactive ? BusConnection.ALLOW_INTERACTIVE_AUTHORIZATION : 0;
        return connection.callAsync(Names.SERVICE, call.path(), call.interfaceName(), call.member(), flags, call.signature(),
                call.arguments().toArray());
    }

    @Override
    public Listening onManagerSignal(String member, Consumer<Object[]> listener) {
        return onSignal(Names.MANAGER_PATH, Names.MANAGER, member, listener);
    }

    @Override
    public Listening onSignal(String path, String interfaceName, String member, Consumer<Object[]> listener) {
        Closeable subscription = connection.subscribe(new MatchRule(Names.SERVICE, path, interfaceName, member), listener);
        return () -> {
            try {
                subscription.close();
            } catch (IOException e) {
                // The connection is lost, so there are no more signals.
            }
        };
    }

    @Override
    public String name() {
        return connection.uniqueName();
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException e) {
            // The process is about to exit, and the kernel closes the socket.
        }
    }
}
