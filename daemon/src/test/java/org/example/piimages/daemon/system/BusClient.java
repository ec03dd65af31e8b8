package org.example.piimages.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.MatchRule;
import org.example.piimages.dbus.RemoteError;

/** Somebody on the bus who calls the daemon. Values come back as {@link Values#plain} makes them. */
final class BusClient implements Closeable {

    static final int LIMIT_SECONDS = 20;

    private final BusConnection connection;

    private BusClient(BusConnection connection) {
        this.connection = connection;
    }

    static BusClient root(String address) throws IOException {
        return new BusClient(BusConnection.open(address, true));
    }

    static BusClient user(String address, int uid) throws Exception {
        return UserThread.as(uid, () -> root(address));
    }

    BusConnection connection() {
        return connection;
    }

    String name() {
        return connection.uniqueName();
    }

    /** Sends a call to the daemon; the answer is a list of the values. */
    CompletableFuture<List<?>> send(byte flags, String path, String interfaceName, String member, String signature, Object... arguments) {
        return connection.callAsync(Names.SERVICE, path, interfaceName, member, flags, signature, arguments)
                .thenApply(values -> (List<?>) Values.plain(values));
    }

    /** Calls the daemon. The answer is the method's one value, or null. */
    Object call(String path, String interfaceName, String member, String signature, Object... arguments) throws Exception {
        return value(send((byte) 0, path, interfaceName, member, signature, arguments));
    }

    Object manager(String member, String signature, Object... arguments) throws Exception {
        return call(Names.MANAGER_PATH, Names.MANAGER, member, signature, arguments);
    }

    String mount(String path) throws Exception {
        return mount(path, Map.of());
    }

    String mount(String path, Map<String, ?> options) throws Exception {
        return (String) manager("MountImage", "sa{sv}", path, options);
    }

    void unmount(String image) throws Exception {
        call(image, Names.IMAGE, "Unmount", "a{sv}", Map.of());
    }

    Object property(String path, String interfaceName, String name) throws Exception {
        return call(path, "org.freedesktop.DBus.Properties", "Get", "ss", interfaceName, name);
    }

    /** Listens to signals of the daemon's, or of whoever. */
    EventLog listen(String sender, String path, String interfaceName, String member) {
        EventLog log = new EventLog();
        log.from(connection.subscribe(new MatchRule(sender, path, interfaceName, member),
                values -> log.add(Arrays.stream(values).map(Values::plain).toArray())));
        return log;
    }

    /** The one value that a call brought back, in time. */
    static Object value(CompletableFuture<List<?>> answer) throws Exception {
        try {
            List<?> values = answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            return values.isEmpty() ? null : values.get(0);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    /** The error that a call has to end with. */
    static RemoteError error(CompletableFuture<List<?>> answer) throws Exception {
        try {
            return fail("answered with " + value(answer));
        } catch (RemoteError e) {
            return e;
        }
    }

    static String assertRefused(Failure.Kind kind, CompletableFuture<List<?>> answer) throws Exception {
        return assertError(kind.errorName(), answer);
    }

    /** The text of the error, which is one line. */
    static String assertError(String name, CompletableFuture<List<?>> answer) throws Exception {
        RemoteError error = error(answer);
        assertEquals(name, error.errorName(), error.getMessage());
        assertEquals(-1, error.getMessage().indexOf('\n'), error.getMessage());
        return error.getMessage();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
