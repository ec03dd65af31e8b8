package org.example.piimages.daemon.job;

import java.util.Map;

/**
 * Performs an operation up to the first change that is visible to others, and then reverts it, so that the reported result is not an
 * estimate. Up to that point it takes as much time and space as the real operation.
 */
public final class DryRun implements Work {

    private final Work work;

    /** Wraps an operation; the result is the one that the operation would return. */
    public DryRun(Work work) {
        this.work = work;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws Exception {
        try {
            // An operation that has nothing to change returns normally.
            return work.run(new DryRunProgress(progress));
        } catch (DryRunEnd end) {
            return end.outcome;
        }
    }

    /** Aborts the operation. It is not caught by any of the operation's handlers, but its resources are closed. */
    private static final class DryRunEnd extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Map<String, Object> outcome;

        DryRunEnd(Map<String, Object> outcome) {
            super("the dry run ends", null, false, false);
            this.outcome = outcome;
        }
    }

    private record DryRunProgress(Progress real) implements Progress {

        @Override
        public void step(String name, long totalBytes) {
            real.step(name, totalBytes);
        }

        @Override
        public void advance(long bytes) {
            real.advance(bytes);
        }

        @Override
        public void onCancel(Stop stop) {
            real.onCancel(stop);
        }

        @Override
        public void ready(Map<String, Object> outcome) {
            throw new DryRunEnd(outcome);
        }

        @Override
        public void commit() {
            throw new IllegalStateException("a work that was not ready cannot be committed");
        }
    }
}
