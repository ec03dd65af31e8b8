package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Events that happened, in their order, to be waited for with a time limit. */
final class EventLog implements Closeable {

    private static final long LIMIT_NANOSECONDS = TimeUnit.SECONDS.toNanos(20);

    private final BlockingQueue<Object[]> events = new LinkedBlockingQueue<>();
    private volatile EventLog target = this;
    private Closeable source = () -> {};

    /** What to close with the log. */
    void from(Closeable subscription) {
        source = subscription;
    }

    void add(Object[] event) {
        target.events.add(event);
    }

    /** Events of here are added there instead, so that two kinds are in one order. */
    void forwardTo(EventLog other) {
        target = other;
    }

    /** The next event. */
    Object[] await() throws InterruptedException {
        return await(event -> true);
    }

    /** The next event of a kind; those before it are forgotten. */
    Object[] await(Predicate<Object[]> wanted) throws InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOSECONDS;
        while (true) {
            Object[] event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("what was waited for did not happen");
            }
            if (wanted.test(event)) {
                return event;
            }
        }
    }

    /** Whether nothing is waiting to be taken. */
    boolean isEmpty() {
        return events.isEmpty();
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
