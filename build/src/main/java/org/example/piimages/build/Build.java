package org.example.piimages.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;
import org.example.piimages.build.recipe.Pifile;
import org.example.piimages.build.recipe.Request;
import org.example.piimages.build.step.Draft;
import org.example.piimages.build.step.DryRun;
import org.example.piimages.build.step.ImageCommands;
import org.example.piimages.build.step.Step;
import org.example.piimages.build.step.StepChain;
import org.example.piimages.build.step.StepRunner;
import org.example.piimages.build.step.WholeImageCommands;

/**
 * One build. The recipe is read once per stage, and each pass executes the commands of its stage. The image is created only if all of them
 * succeed.
 */
public final class Build implements Pifile.Commands {

    private static final int SKIPPED = 1;

    private final Images images;
    private final BuildRequest request;
    private final Path scratch;
    private final SourceAndTarget setup;
    private final ImageCommands inImage;
    /** Temporary files beside the image and in the cache; removed if the build ends before they are complete. */
    private final Set<Path> unfinished = ConcurrentHashMap.newKeySet();
    private Stage stage = Stage.SETUP;
    private StepRunner steps;
    private FinishedImage products;
    /** Set only for a dry run; null if the build is executed. */
    private DryRun dryRunSteps;
    private boolean isAtEnd;

    private Build(Images images, BuildRequest request, Path scratch) {
        this.images = images;
        this.request = request;
        this.scratch = scratch;
        this.setup = new SourceAndTarget(request);
        this.inImage = new ImageCommands();
    }

    /**
     * Performs a dry run: reports to the progress consumer of the request what a build would do.
     *
     * @throws BuildException if the recipe has an error
     */
    public static BuildResult dryRun(BuildRequest request) throws BuildException {
        return run(null, request);
    }

    /**
     * Executes the build.
     *
     * @throws BuildException if no image was created
     */
    public static BuildResult run(Images images, BuildRequest request) throws BuildException {
        if (!Files.isRegularFile(request.pifile())) {
            throw BuildException.notFound("there is no recipe " + request.pifile() + "; specify one: piimagesctl build RECIPE");
        }
        try {
            Path scratch = Pifile.makeScratch();
            Thread hook = new Thread(() -> remove(scratch), "remove-scratch");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                return new Build(images, request, scratch).run();
            } finally {
                remove(scratch);
                Pifile.removeHook(hook);
            }
        } catch (IOException e) {
            throw BuildException.failed(request.pifile() + ": " + BuildException.reason(e) + "; no image was created");
        }
    }

    private static void remove(Path directory) {
        try {
            FileTree.delete(directory);
        } catch (IOException e) {
            // Not fatal: it is in the directory for temporary files.
        }
    }

    private BuildResult run() throws BuildException, IOException {
        Pifile.verify(request.pifile());
        Pifile pifile = new Pifile(request.pifile(), scratch);
        pifile.read(this);
        Path file = setup.target();
        if (request.isDryRun()) {
            return dryRun(pifile, file);
        }
        LockFile use = request.cache().lockShared();
        boolean isUnchanged;
        try {
            isUnchanged = make(pifile, file);
        } finally {
            use.close();
        }
        products.write(images);
        return new BuildResult(file, steps.done(), steps.cached(), isUnchanged);
    }

    /** Builds the image; returns whether an unchanged image of an earlier build was left in place. */
    private boolean make(Pifile pifile, Path file) throws BuildException, IOException {
        try (Target target = Target.of(file, request.cache(), images, unfinished)) {
            Draft draft = new Draft(images, target.draft(), setup.rootPartition(), scratch);
            String key = setup.key();
            StepChain chain =
                    new StepChain(request.cache(), request.useCache(), draft, unfinished, key, setup.source(), request.progress());
            products = new FinishedImage(request, draft, chain, file, unfinished);
            steps = chain;
            try {
                readStages(pifile);
                return products.deliver(target);
            } catch (BuildException e) {
                if (request.shellOnError() && stage != Stage.PREPARE) {
                    shell(chain, draft, e);
                }
                throw e;
            } finally {
                products.close();
                draft.release();
            }
        }
    }

    /** Starts a shell in the image after a failed step. Changes that the user makes there are discarded with the image. */
    private void shell(StepChain chain, Draft draft, BuildException failure) throws BuildException {
        try {
            chain.catchUp();
            request.progress().accept(failure.getMessage());
            request.progress()
                    .accept("starting a shell in the image in its current state; when it ends, the build fails and the image is removed");
            draft.shell(inImage.variables(), inImage.directory());
        } catch (BuildException e) {
            request.progress().accept("cannot start a shell in the image: " + e.getMessage());
        }
    }

    private BuildResult dryRun(Pifile pifile, Path file) throws BuildException, IOException {
        Target.verify(file);
        boolean isDownload = setup.isDownload();
        dryRunSteps = new DryRun(request.cache(), request.useCache(), isDownload ? null : setup.key(), request.progress());
        if (isDownload) {
            dryRunSteps.report(setup.location(), "to be downloaded");
        }
        steps = dryRunSteps;
        readStages(pifile);
        boolean isUnchanged = dryRunSteps.done() == 0 && request.useCache() && dryRunSteps.key() != null
                && new OutputRecords(request.cache().results()).isCurrent(file, dryRunSteps.key());
        return new BuildResult(file, steps.done(), steps.cached(), isUnchanged);
    }

    private void readStages(Pifile pifile) throws BuildException, IOException {
        for (Stage next : List.of(Stage.PREPARE, Stage.IMAGE, Stage.FINISH)) {
            stage = next;
            pifile.read(this);
        }
        if (request.lastLine() > 0 && !isAtEnd) {
            throw BuildException.request("there is no step on line " + request.lastLine() + " of " + request.pifile());
        }
    }

    @Override
    public int perform(Request command) throws BuildException {
        if (command.command().equals("INCLUDE")) {
            include(command);
            return 0;
        }
        if (!stage.has(command.command()) || isAtEnd) {
            return command.command().equals("HOST") ? SKIPPED : 0;
        }
        try {
            int status = inStage(command);
            isAtEnd = stage != Stage.SETUP && command.location().line() == request.lastLine()
                    && command.location().file().equals(request.pifile().toString());
            return status;
        } catch (IOException e) {
            throw BuildException.failed(command.location() + ": " + BuildException.reason(e));
        }
    }

    private int inStage(Request command) throws BuildException, IOException {
        if (command.command().equals("HOST")) {
            return onHost(command);
        }
        Step step;
        try {
            if (stage == Stage.SETUP) {
                setup.execute(command);
                return 0;
            }
            if (FinishedImage.usesFinishedImage(command.command())) {
                product(command);
                return 0;
            }
            step = stage == Stage.IMAGE ? inImage.step(command) : WholeImageCommands.step(command);
        } catch (BuildException e) {
            if (dryRunSteps == null) {
                throw e.at(command.location());
            }
            dryRunSteps.reportMissing(command.location(), e);
            return 0;
        }
        return step == null ? 0 : steps.perform(step);
    }

    private int onHost(Request command) {
        if (dryRunSteps == null) {
            request.progress().accept(command.location().toString());
            return 0;
        }
        dryRunSteps.report(command.location(), "runs on the host each time");
        dryRunSteps.skippedHostCommand();
        return SKIPPED;
    }

    private void product(Request command) throws BuildException, IOException {
        if (dryRunSteps == null) {
            products.execute(command);
        } else {
            FinishedImage.verify(command);
            dryRunSteps.report(command.location(), "at the end");
        }
    }

    private static void include(Request command) throws BuildException {
        String named = command.arguments().get(0);
        if (Download.isAddress(named)) {
            throw BuildException
                    .request(command.location() + ": a URL cannot be included; download the file, inspect it, and include the copy");
        }
        if (!Files.exists(command.path(1))) {
            throw BuildException.notFound(command.location() + ": there is no " + command.path(1));
        }
        Pifile.verify(command.path(1));
    }
}
