package org.example.piimages.daemon.job;

import java.util.Map;
import java.util.concurrent.CancellationException;

/** How a work tells how far it is, and is told to stop. Safe to use from any of the threads that do the work. */
public interface Progress {

    /** Something to end while a work waits for it, such as a process; must not block, and may be called when it has ended already. */
    @FunctionalInterface
    interface Stop {
        void now();
    }

    /**
     * Begins the next step; bytes are counted from zero again.
     *
     * @param name one lower-case word for people and programs, such as "copy"
     * @param totalBytes how many bytes it will go through, 0 when that is unknown
     * @throws CancellationException when the work is to stop
     */
    void step(String name, long totalBytes);

    /**
     * Counts bytes that are done.
     *
     * @throws CancellationException when the work is to stop
     */
    void advance(long bytes);

    /**
     * Names what {@link Job#cancel} ends; it replaces what was named before. It is called at once when the work is to stop already.
     *
     * @param stop null when there is nothing to end any more
     */
    void onCancel(Stop stop);

    /**
     * Says that all is prepared and the next step is the first that others see. A dry run ends here.
     *
     * @param outcome what {@link Work#run} will return when the rest goes well
     */
    default void ready(Map<String, Object> outcome) {
        // Go on.
    }

    /**
     * The point of no return: what follows takes a moment and is not to be interrupted; a cancellation that comes later has no effect.
     *
     * @throws CancellationException when the work is to stop
     */
    void commit();
}
