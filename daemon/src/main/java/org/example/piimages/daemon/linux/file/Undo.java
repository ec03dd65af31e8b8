package org.example.piimages.daemon.linux.file;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps that undo an operation in progress. If it is closed before {@link #commit}, they are run in reverse order. Steps that are never
 * committed are for cleaning up.
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

    /** A step that undoes something; may throw any exception. */
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    private record Named(String name, Step step) {
    }

    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    private final Deque<Named> steps = new ArrayDeque<>();

    /**
     * Adds the step that undoes what has just been done.
     *
     * @param name the step in a message "cannot …", such as "unmount /mnt"
     */
    public void add(String name, Step step) {
        steps.push(new Named(name, step));
    }

    /** Discards all steps, because the operation is complete. */
    public void commit() {
        steps.clear();
    }

    /**
     * Runs all steps, also after one that fails. A failed step is tried once more, because nothing retries it later. If it fails again,
     * this is only logged, so as not to hide the error that caused the operation to be undone.
     */
    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Named named = steps.pop();
            try {
                named.step().run();
            } catch (Exception e) {
                retry(named);
            }
        }
    }

    private static void retry(Named named) {
        try {
            named.step().run();
        } catch (Exception e) {
            LOG.error("cannot {}: {}", named.name(), e.getMessage());
        }
    }
}
