package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.failure.BuildException;

/**
 * The sequence of steps of a build. Each leads from one state of the image to the next, and a state is identified by the steps that led to
 * it. A step that is in the cache is skipped; if the image is required later, it is recreated from the last state whose image was stored.
 *
 * <p>The image of a state is stored if the steps since the last stored state took {@value #MIN_COST_RATIO} times as long as storing it
 * takes, so that a build takes at most a quarter longer. If copies share blocks, that is nearly every step; otherwise only expensive ones.
 */
public final class StepChain implements StepRunner {

    private static final int MIN_COST_RATIO = 4;
    /** The directories with copies of the files of the step that is about to be executed, and of the pending steps. */
    private static final String STEP_FILES = "held-step";
    private static final String PENDING_FILES = "held-pending";

    private final Cache cache;
    private final boolean useCache;
    private final Draft draft;
    private final Set<Path> unfinished;
    private final Consumer<String> progress;
    /** The skipped steps that were not yet applied to the draft. */
    private final List<Step> pending = new ArrayList<>();
    /** The key of the current state. */
    private String key;
    /** The source of the draft, to which the pending steps are then applied; null if the draft exists. */
    private ImageSource source;
    /** The duration of the steps since the last state that is stored or is a file of the user. */
    private double secondsToRepeat;
    private double secondsToKeep;
    /** False after a step that is not repeatable; the states after it have no valid key. */
    private boolean hasValidKey = true;
    private boolean keepsImages = true;
    private int done;
    private int cached;

    /**
     * Creates a chain that begins with an image.
     *
     * @param unfinished the temporary files, for {@link Cache#keep}
     * @param key the key of that image
     * @param progress receives one line per step
     */
    public StepChain(Cache cache, boolean useCache, Draft draft, Set<Path> unfinished, String key, ImageSource source,
            Consumer<String> progress) {
        this.cache = cache;
        this.useCache = useCache;
        this.draft = draft;
        this.unfinished = unfinished;
        this.key = key;
        this.source = source;
        this.progress = progress;
    }

    @Override
    public int perform(Step step) throws BuildException {
        String next = step.after(key);
        if (useCache && hasValidKey && step.isRepeatable() && cache.isKnown(next, step.output())) {
            progress.accept(step.location() + " (cached)");
            key = next;
            skip(step);
            return 0;
        }
        Step now = isBehind() ? withCopiedFiles(step, STEP_FILES) : step;
        catchUp();
        progress.accept(step.location().toString());
        int status = timed(now);
        discard(STEP_FILES);
        // The state after a failed step differs from the one after a successful step.
        key = status == 0 ? next : new Fingerprint().add(next, "failed", String.valueOf(status)).text();
        done++;
        hasValidKey &= step.isRepeatable();
        if (status == 0 && hasValidKey) {
            record(step);
        }
        return status;
    }

    /** Returns the key of the current state. */
    public String key() {
        return key;
    }

    /** Returns whether the key covers everything that the state depends on. */
    public boolean hasValidKey() {
        return hasValidKey;
    }

    /** Returns whether the state was reached without executing a step, so that cached results for it may be used. */
    public boolean isUntouched() {
        return useCache && hasValidKey && source != null;
    }

    /** Returns whether a file with the image of the current state exists. */
    public boolean hasImage() {
        return source != null && pending.isEmpty();
    }

    /** Returns whether a step that does not change the image has already been executed on this state. */
    public boolean isRecorded(Step step) {
        return cache.isKnown(step.after(key), step.output());
    }

    /** Records that a step that does not change the image was executed on this state. */
    public void recordCheck(Step step) {
        if (hasValidKey) {
            try {
                cache.record(step.after(key), step.location().toString(), step.output());
            } catch (IOException e) {
                reportNotCached(step, BuildException.reason(e));
            }
        }
    }

    private void skip(Step step) throws BuildException {
        cached++;
        cache.repeatOutput(key, step.output());
        if (cache.hasImage(key)) {
            source = ImageSource.image(cache.image(key));
            clearPending();
            secondsToRepeat = 0;
        } else {
            pending.add(withCopiedFiles(step, PENDING_FILES));
        }
        cache.use(key);
    }

    /** Returns whether the draft must be created or changed before the next step, which may take long. */
    private boolean isBehind() {
        return source != null || !pending.isEmpty();
    }

    private Step withCopiedFiles(Step step, String directory) throws BuildException {
        try {
            // A copy that lost permissions would be another file than the one that the key describes.
            return draft.preservesFiles() ? step.withCopiedFiles(Files.createDirectories(draft.directory().resolve(directory))) : step;
        } catch (IOException e) {
            throw BuildException.failed(step.location() + ": " + BuildException.reason(e));
        }
    }

    private void clearPending() throws BuildException {
        pending.clear();
        discard(PENDING_FILES);
    }

    private void discard(String directory) throws BuildException {
        try {
            FileTree.delete(draft.directory().resolve(directory));
        } catch (IOException e) {
            throw BuildException.failed("cannot remove copies of files: " + BuildException.reason(e));
        }
    }

    /** Brings the draft to the current state. */
    public void catchUp() throws BuildException {
        if (source != null) {
            double seconds = draft.replaceWith(source);
            // The duration of a copy is unknown until the first one. A quarter of the time for unpacking makes it likely that the first
            // state is stored, so that unpacking need not be repeated.
            secondsToKeep = source.isPacked() ? seconds / MIN_COST_RATIO : seconds;
            secondsToRepeat = source.isPacked() ? seconds : 0;
            source = null;
        }
        for (Step step : pending) {
            progress.accept(step.location() + " (again: the image after this step is not in the cache)");
            int status = timed(step);
            if (status != 0) {
                throw BuildException.failed(step.location() + ": exited with status " + status + ", but succeeded when it was cached; build"
                        + " with --no-cache");
            }
        }
        clearPending();
    }

    private int timed(Step step) throws BuildException {
        long start = System.nanoTime();
        double mounting = draft.secondsMounting();
        try {
            return step.action().perform(draft);
        } catch (BuildException e) {
            throw e.at(step.location());
        } finally {
            // A stored image must be mounted as well, so this time does not count.
            secondsToRepeat += Draft.secondsSince(start) - (draft.secondsMounting() - mounting);
        }
    }

    private void record(Step step) throws BuildException {
        // A copy requires the image to be unmounted, and mounted again for the next step.
        boolean isWorthIt = keepsImages && secondsToRepeat > MIN_COST_RATIO * (secondsToKeep + draft.secondsToMount());
        long start = System.nanoTime();
        if (isWorthIt) {
            // Outside the try block: if unmounting fails, the build must fail.
            draft.release();
        }
        try {
            if (isWorthIt) {
                cache.keep(key, draft::copyTo, unfinished);
                secondsToKeep = Draft.secondsSince(start);
                secondsToRepeat = 0;
            }
            cache.record(key, step.location().toString(), step.output());
        } catch (BuildException e) {
            reportNotCached(step, e.getMessage());
        } catch (IOException e) {
            reportNotCached(step, BuildException.reason(e));
        }
    }

    /** Reports that a step cannot be cached, and stores no more images. Errors of the cache, such as a full disk, do not fail a build. */
    private void reportNotCached(Step step, String reason) {
        keepsImages = false;
        progress.accept(step.location() + " (not cached: " + reason + "; to free space: piimagesctl cache prune)");
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
