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

    /** The number of unread bytes that one connection may have: ten of the longest replies. */
    static final long PER_CONNECTION = 4 << 20;
    /** The number of unread bytes that all connections of one user may have. */
    static final long PER_USER = 16 << 20;
    /** The number of unread bytes that all connections together may have, apart from {@link #GUARANTEED} for each. */
    static final long TOTAL = 64 << 20;
    /** The number of unread bytes that a connection may always have. */
    static final long GUARANTEED = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(UnreadReplies.class);

    /** The interval between two queries of the bus, however many calls arrive from a caller that does not read. */
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** More connections than a bus allows by default. When more are known, the ones that have disconnected are removed. */
    private static final int CONNECTIONS = 4096;

    /** A connection. Its number of unread bytes is at most the number that the bus last reported, plus the bytes that were sent since. */
    private static final class Connection {
        private final int account;
        private long bytes;
        private boolean warned;

        Connection(int account) {
            this.account = account;
        }
    }

    /**
     * Asks the bus how many bytes are queued for a connection; fails if the connection has gone, and gives 0 if the bus does not report it.
     */
    private final Function<String, CompletableFuture<Long>> waiting;
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<Integer, Long> accounts = new HashMap<>();
    private long total;
    private CompletableFuture<Void> query = CompletableFuture.completedFuture(null);
    private long lastQuery = System.nanoTime() - PAUSE.toNanos();

    UnreadReplies(Function<String, CompletableFuture<Long>> waiting) {
        this.waiting = waiting;
    }

    /**
     * Completes with whether a reply may be sent to a connection: the connection, its user and all users together are within their limits.
     */
    CompletableFuture<Boolean> mayReply(String name) {
        return fits(name) ? CompletableFuture.completedFuture(true) : refresh().thenApply(nothing -> fits(name) || !warn(name));
    }

    /**
     * Records a reply.
     *
     * @param account the account of {@link Caller}; -1 if the user of the connection is not known
     * @param bytes the size of the reply
     */
    void replied(String name, int account, long bytes) {
        synchronized (this) {
            add(connections.computeIfAbsent(name, unknown -> new Connection(account)), bytes);
            if (connections.size() <= CONNECTIONS) {
                return;
            }
        }
        refresh();
    }

    private synchronized boolean fits(String name) {
        Connection connection = connections.get(name);
        return connection == null || connection.bytes <= GUARANTEED || connection.bytes <= PER_CONNECTION && total <= TOTAL
                && (connection.account == -1 || accounts.get(connection.account) <= PER_USER);
    }

    /** Warns once for each connection that does not read. Always returns true. */
    private synchronized boolean warn(String name) {
        Connection connection = connections.get(name);
        if (connection != null && !connection.warned) {
            connection.warned = true;
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

    /** Asks the bus about all connections; if it was asked within the last {@link #PAUSE}, the result of that query is used. */
    private synchronized CompletableFuture<Void> refresh() {
        if (query.isDone() && System.nanoTime() - lastQuery >= PAUSE.toNanos()) {
            lastQuery = System.nanoTime();
            // A copy, because the completions remove the connections that have gone.
            query = CompletableFuture.allOf(Map.copyOf(connections).entrySet().stream()
                    .map(known -> query(known.getKey(), known.getValue())).toArray(CompletableFuture<?>[]::new));
        }
        return query;
    }

    /** Asks the bus about one connection. Everything that was sent before has reached the bus by the time it is asked. */
    private CompletableFuture<Void> query(String name, Connection connection) {
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
