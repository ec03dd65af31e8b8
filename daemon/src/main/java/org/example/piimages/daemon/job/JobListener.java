package org.example.piimages.daemon.job;

/** Is notified of changes of jobs, in threads of the jobs, one call at a time for each job. Must not block. */
public interface JobListener {

    /** A job is about to start. */
    void added(Job job);

    /** The progress or state of a job changed. Called at most four times per second for each job, and once more when it has ended. */
    void changed(Job job);

    /** A job that has ended is no longer kept. */
    void removed(Job job);
}
