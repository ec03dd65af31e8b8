package org.example.piimages.daemon.bus.gate;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the replies that callers have not read. The bus queues them and counts them as the daemon's. When the queue reaches
 * max_incoming_bytes (127 MB, dbus-daemon(1)), dbus-daemon stops reading messages from the daemon, and no caller gets replies any more.
 * Therefore, a caller that exceeds the limit gets no further replies until it reads. Root has no limit.
 */
final class UnreadReplies {

    /** How much a connection may have unread, in bytes: ten of the longest answers. */
    static final long PER_CONNECTION = 4 << 20;
    /** All connections of one user. */
    static final long PER_USER = 16 << 20;
    /** All connections of all users, but for {@link #ASSURED} each. */
    static final long IN_ALL = 64 << 20;
    static final long ASSURED = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(UnreadReplies.class);

    /** Whoever does not read asks the bus no more often, whatever they call. */
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** More connections than a bus has by default; of those that have left nothing need be known. */
    private static final int CONNECTIONS = 4096;

    /** One connection: what may be unread there is what was when the bus was asked, and what was answered since. */
    private static final class Connection {
        private final int account;
        private long bytes;
        private boolean told;

        Connection(int account) {
            this.account = account;
        }
    }

    /** Asks the bus how many bytes wait for a connection; fails when it is gone, and says zero where the bus does not tell. */
    private final Function<String, CompletableFuture<Long>> waiting;
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<Integer, Long> accounts = new HashMap<>();
    private long total;
    private CompletableFuture<Void> look = CompletableFuture.completedFuture(null);
    private long lastLook = System.nanoTime() - PAUSE.toNanos();

    UnreadReplies(Function<String, CompletableFuture<Long>> waiting) {
        this.waiting = waiting;
    }

    /** Completes with whether a connection may be answered: it, its user and all together have read enough. */
    CompletableFuture<Boolean> mayAnswer(String name) {
        return fits(name) ? CompletableFuture.completedFuture(true) : lookAgain().thenApply(nothing -> fits(name) || !tell(name));
    }

    /** Takes note of an answer. The account is that of {@link Caller}; -1 where who has the connection is not known. */
    void answered(String name, int account, long bytes) {
        synchronized (this) {
            add(connections.computeIfAbsent(name, unknown -> new Connection(account)), bytes);
            if (connections.size() <= CONNECTIONS) {
                return;
            }
        }
        lookAgain();
    }

    private synchronized boolean fits(String name) {
        Connection connection = connections.get(name);
        return connection == null || connection.bytes <= ASSURED || connection.bytes <= PER_CONNECTION && total <= IN_ALL
                && (connection.account == -1 || accounts.get(connection.account) <= PER_USER);
    }

    /** Says once of each connection that it does not read. True. */
    private synchronized boolean tell(String name) {
        Connection connection = connections.get(name);
        if (connection != null && !connection.told) {
            connection.told = true;
            LOG.warn("{} does not read its replies, {} bytes are queued; its calls get no reply until it reads them", name,
                    connection.bytes);
        }
        return true;
    }

    private void add(Connection connection, long bytes) {
        connection.bytes += bytes;
        total += bytes;
        accounts.merge(connection.account, bytes, (before, more) -> before + more == 0 ? null : before + more);
    }

    /** Asks the bus about all; when that is just done, what it said then holds. */
    private synchronized CompletableFuture<Void> lookAgain() {
        if (look.isDone() && System.nanoTime() - lastLook >= PAUSE.toNanos()) {
            lastLook = System.nanoTime();
            // Those that have left are removed meanwhile.
            look = CompletableFuture.allOf(Map.copyOf(connections).entrySet().stream()
                    .map(known -> look(known.getKey(), known.getValue())).toArray(CompletableFuture<?>[]::new));
        }
        return look;
    }

    /** The bus has got all that was written before it is asked. */
    private CompletableFuture<Void> look(String name, Connection connection) {
        long before = connection.bytes;
        return waiting.apply(name).handle((bytes, error) -> {
            synchronized (this) {
                add(connection, (error == null ? bytes : 0) - before);
                if (error != null || bytes == 0) {
                    connections.remove(name, connection);
                    add(connection, -connection.bytes);
                }
            }
            return null;
        });
    }
}
