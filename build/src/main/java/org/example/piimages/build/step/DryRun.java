package org.example.piimages.build.step;

import java.util.function.Consumer;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/** A dry run of a build. It assumes that every step succeeds and has no output. */
public final class DryRun implements StepRunner {

    private static final int LENGTH_OF_NAME = 12;

    private final Cache cache;
    private final boolean useCache;
    private final Consumer<String> progress;
    /** The key of the current state; null if unknown. */
    private String key;
    private boolean hasSkippedHostCommand;
    private int done;
    private int cached;

    /** Creates a dry run that begins with the state of this key; null if unknown. */
    public DryRun(Cache cache, boolean useCache, String key, Consumer<String> progress) {
        this.cache = cache;
        this.useCache = useCache;
        this.key = key;
        this.progress = progress;
    }

    @Override
    public int perform(Step step) throws BuildException {
        key = key != null && step.isRepeatable() ? step.after(key) : null;
        if (useCache && key != null && cache.isKnown(key, step.output())) {
            cached++;
            progress.accept(step.location() + " (cached: " + key.substring(0, LENGTH_OF_NAME) + ")");
            cache.repeatOutput(key, step.output());
            return 0;
        }
        done++;
        String depends =
                step.output().output() == null && step.output().errors() == null ? "" : "; steps that depend on its output may differ";
        progress.accept(step.location() + " (to do" + depends + ")");
        return 0;
    }

    /** Reports a command that is not a step, or whose effect is not known in advance. */
    public void report(Location location, String note) {
        progress.accept(location + " (" + note + ")");
    }

    /** Notes that a command was skipped that may create or change files that later steps use. */
    public void skippedHostCommand() {
        hasSkippedHostCommand = true;
    }

    /**
     * Reports a step that requires a missing file which a skipped command may create.
     *
     * @throws BuildException the problem, with its location, if no command was skipped or no file is missing
     */
    public void reportMissing(Location location, BuildException problem) throws BuildException {
        if (!hasSkippedHostCommand || !problem.isNotFound()) {
            throw problem.at(location);
        }
        key = null;
        done++;
        report(location, "to do; a HOST command may create the missing file: " + problem.getMessage());
    }

    /** Returns the key of the final state; null if unknown. */
    public String key() {
        return key;
    }

    @Override
    public int done() {
        return done;
    }

    @Override
    public int cached() {
        return cached;
    }
}
