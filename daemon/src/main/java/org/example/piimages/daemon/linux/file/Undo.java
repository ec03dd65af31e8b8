package org.example.piimages.daemon.linux.file;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps back from a work that is under way. Closed before {@link #commit}, it takes them, the last first. What is never committed is
 * tidying up.
 *
 * <pre>{@code
 * try (Undo undo = new Undo()) {
 *     Mount root = mounts.attach(...);
 *     undo.add("unmount " + root, root::detach);
 *     ...
 *     undo.commit();
 * }
 * }</pre>
 */
public final class Undo implements AutoCloseable {

    /** A step back; may throw whatever it meets. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    private record Named(String name, Step step) {
    }

    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    private final Deque<Named> steps = new ArrayDeque<>();

    /** Remembers how to take back what has just been done. */
    public void add(String name, Step step) {
        steps.push(new Named(name, step));
    }

    /** The work is complete: nothing is taken back. */
    public void commit() {
        steps.clear();
    }

    /**
     * Takes every step, also after one that failed. That one is tried once more, as nobody would come back for it; if it fails again, the
     * journal tells: the error that brought us here is the news.
     */
    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Named named = steps.pop();
            try {
                named.step().run();
            } catch (Exception e) {
                again(named);
            }
        }
    }

    private static void again(Named named) {
        try {
            named.step().run();
        } catch (Exception e) {
            LOG.error("cannot {}: {}", named.name(), e.getMessage());
        }
    }
}
