package org.example.piimages.daemon.job;

/** Where a job is in its life. */
public enum JobState {
    RUNNING, CANCELLING, DONE, FAILED, CANCELLED;

    /** Whether nothing will change any more. */
    public boolean isEnd() {
        return this == DONE || this == FAILED || this == CANCELLED;
    }
}
