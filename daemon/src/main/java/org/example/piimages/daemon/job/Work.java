package org.example.piimages.daemon.job;

import java.util.Map;

/** What a job does. */
@FunctionalInterface
public interface Work {

    /**
     * Does it, in a thread that may block.
     *
     * @return what is to be known of it afterwards, by name; not null
     * @throws Exception when it fails; everything is as it was before then
     */
    Map<String, Object> run(Progress progress) throws Exception;
}
