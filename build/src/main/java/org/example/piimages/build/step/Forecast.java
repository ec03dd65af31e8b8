package org.example.piimages.build.step;

import java.util.function.Consumer;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/** What a build would do, as far as that can be told without doing it: every step is taken to succeed, and to say nothing. */
public final class Forecast implements StepRunner {

    private static final int LENGTH_OF_NAME = 12;

    private final Cache cache;
    private final boolean useCache;
    private final Consumer<String> progress;
    /** The state that is reached; null where nobody knows. */
    private String key;
    private boolean isUnsure;
    private int done;
    private int cached;

    /** A forecast that begins with this state, which is null for one that nobody knows. */
    public Forecast(Cache cache, boolean useCache, String key, Consumer<String> progress) {
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
        String depends = step.output() == null ? "" : "; steps that depend on its output may differ";
        progress.accept(step.location() + " (to do" + depends + ")");
        return 0;
    }

    /** Tells something that is done with the image and is no step, or that cannot be told. */
    public void tell(Location location, String remark) {
        progress.accept(location + " (" + remark + ")");
    }

    /** From here on files may have been made or changed by commands that were left out. */
    public void becomeUnsure() {
        isUnsure = true;
    }

    /** A step whose files a command that was left out may make. Throws what is wrong where there was none. */
    public void miss(Location location, BuildException problem) throws BuildException {
        if (!isUnsure || !problem.isNotFound()) {
            throw problem.at(location);
        }
        key = null;
        done++;
        tell(location, "to do; a HOST command may create the missing file: " + problem.getMessage());
    }

    /** The state that it ends with; null where nobody knows. */
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
