package org.example.piimages.daemon.job;

import java.util.Map;
import java.util.concurrent.CancellationException;

/** The interface through which an operation reports its progress, and is cancelled. Thread-safe. */
public interface Progress {

    /** Stops something that the operation waits for, such as a process. Must not block; may be called after it has ended. */
    @FunctionalInterface
    interface Stop {
        void stop();
    }

    /**
     * Starts the next step, and resets the number of bytes.
     *
     * @param name one lower-case word for programs and users, such as "copy"
     * @param totalBytes the number of bytes that the step processes; 0 if unknown
     * @throws CancellationException if the job was cancelled
     */
    void step(String name, long totalBytes);

    /**
     * Adds to the number of processed bytes. With 0 bytes, only checks for cancellation.
     *
     * @throws CancellationException when the work is to stop
     */
    void advance(long bytes);

    /**
     * Sets the callback of {@link Job#cancel}, which replaces the previous one. It is called immediately if the job was cancelled already.
     *
     * @param stop the callback; null to remove it
     */
    void onCancel(Stop stop);

    /**
     * Reports that everything is prepared and that the next change is the first one that is visible to others. A dry run ends here.
     *
     * @param outcome the result that {@link Work#run} will return on success
     */
    default void ready(Map<String, Object> outcome) {
        // Only a dry run ends here.
    }

    /**
     * Marks the point of no return: the rest of the operation is short and must not be interrupted. A later cancellation has no effect.
     *
     * @throws CancellationException if the job was cancelled before
     */
    void commit();
}
