package org.example.piimages.daemon.job;

import java.util.Map;

/** The operation of a job. */
@FunctionalInterface
public interface Work {

    /**
     * Runs the operation in the current thread, which may block.
     *
     * @return the result, by name; not null
     * @throws Exception if the operation fails; it has then left everything unchanged
     */
    Map<String, Object> run(Progress progress) throws Exception;
}
