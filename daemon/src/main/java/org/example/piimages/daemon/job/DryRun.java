package org.example.piimages.daemon.job;

import java.util.Map;

/**
 * A work that is performed up to the first change that others would see, and then reverted: the outcome that it reports is not an estimate.
 * Up to that point it takes the time and the space of the real work.
 */
public final class DryRun implements Work {

    private final Work work;

    /** Runs this work up to that point; the result is what the work would return. */
    public DryRun(Work work) {
        this.work = work;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws Exception {
        try {
            // A work that has nothing to change comes to its end.
            return work.run(new Until(progress));
        } catch (End end) {
            return end.outcome;
        }
    }

    /** How a work is left: none of its own handlers knows this, but its resources are closed on the way out. */
    private static final class End extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Map<String, Object> outcome;

        End(Map<String, Object> outcome) {
            super("the dry run ends", null, false, false);
            this.outcome = outcome;
        }
    }

    private record Until(Progress real) implements Progress {

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
            throw new End(outcome);
        }

        @Override
        public void commit() {
            throw new IllegalStateException("a work that was not ready cannot be committed");
        }
    }
}
