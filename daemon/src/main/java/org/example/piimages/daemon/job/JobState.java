package org.example.piimages.daemon.job;

/** The state of a job. */
public enum JobState {
    RUNNING, CANCELLING, DONE, FAILED, CANCELLED;

    /** Whether the state is final. */
    public boolean isEnd() {
        return this == DONE || this == FAILED || this == CANCELLED;
    }
}
