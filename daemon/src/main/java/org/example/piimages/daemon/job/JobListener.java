package org.example.piimages.daemon.job;

/** Who is told of jobs. Called from threads of the jobs, one call at a time for each job; must not block. */
public interface JobListener {

    /** It is about to begin. */
    void added(Job job);

    /** It got further, or ended; at most four times a second for each job, and once more when it has ended. */
    void changed(Job job);

    /** It has ended and is not kept any longer. */
    void removed(Job job);
}
