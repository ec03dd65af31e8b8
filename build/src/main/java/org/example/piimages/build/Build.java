package org.example.piimages.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One build: the recipe is read once for each stage, and its commands are carried out; the image is there when all went well. */
public final class Build implements Pifile.Commands {

    private static final int SKIPPED = 1;

    private final Images images;
    private final BuildRequest request;
    private final Path scratch;
    private final Setup setup;
    private final ImageCommands inImage;
    /** Files that are made beside the image: what they are until then, and what they will be. */
    private final Map<Path, Path> packed = new LinkedHashMap<>();
    /** What is being made, of those and for the cache; gone with a build that ends before. */
    private final Set<Path> unfinished = ConcurrentHashMap.newKeySet();
    private final List<Request> writes = new ArrayList<>();
    private Stage stage = Stage.SETUP;
    private Draft draft;
    private Chain chain;
    private boolean isAtEnd;

    private Build(Images images, BuildRequest request, Path scratch) {
        this.images = images;
        this.request = request;
        this.scratch = scratch;
        this.setup = new Setup(request);
        this.inImage = new ImageCommands(scratch);
    }

    /** Carries it out. Throws where nothing was made. */
    public static BuildResult run(Images images, BuildRequest request) throws BuildException {
        if (!Files.isRegularFile(request.pifile())) {
            throw BuildException.notFound("there is no recipe " + request.pifile() + "; name one: piimagesctl build RECIPE");
        }
        try {
            Path scratch = Pifile.makeScratch();
            Thread hook = new Thread(() -> remove(scratch), "remove-scratch");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                return new Build(images, request, scratch).run();
            } finally {
                remove(scratch);
                removeHook(hook);
            }
        } catch (IOException e) {
            throw BuildException.failed(request.pifile() + ": " + Installation.reason(e) + "; nothing was made");
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs.
        }
    }

    private static void remove(Path folder) {
        try {
            Cache.delete(folder);
        } catch (IOException e) {
            // It is a folder for temporary files.
        }
    }

    private BuildResult run() throws BuildException, IOException {
        Pifile pifile = new Pifile(request.pifile(), scratch);
        pifile.read(this);
        try (Target target = Target.of(setup.target(), request.cache(), unfinished)) {
            draft = new Draft(images, target.draft(), setup.rootPartition());
            chain = new Chain(request.cache(), request.useCache(), draft, unfinished, setup.key(), setup.source(), request.progress());
            try {
                carryOut(pifile, target);
            } finally {
                draft.release();
            }
        }
        for (Request write : writes) {
            request.progress().accept(write.location().toString());
            images.command(List.of("write", setup.target().toString(), write.path(0).toString()));
        }
        return new BuildResult(setup.target(), chain.done(), chain.cached());
    }

    private void carryOut(Pifile pifile, Target target) throws BuildException, IOException {
        for (Stage next : List.of(Stage.PREPARE, Stage.IMAGE, Stage.FINISH)) {
            stage = next;
            pifile.read(this);
        }
        if (request.lastLine() > 0 && !isAtEnd) {
            throw BuildException.request("there is no step on line " + request.lastLine() + " of " + request.pifile());
        }
        chain.catchUp();
        draft.release();
        target.deliver();
        for (Map.Entry<Path, Path> file : packed.entrySet()) {
            Files.move(file.getKey(), file.getValue(), StandardCopyOption.ATOMIC_MOVE);
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
            throw BuildException.failed(command.location() + ": " + Installation.reason(e));
        }
    }

    private int inStage(Request command) throws BuildException, IOException {
        Step step;
        try {
            if (stage == Stage.SETUP) {
                setup.take(command);
                return 0;
            }
            if (command.command().equals("HOST")) {
                request.progress().accept(command.location().toString());
                return 0;
            }
            if (List.of("CHECK", "PACK", "WRITE").contains(command.command())) {
                finish(command);
                return 0;
            }
            step = stage == Stage.IMAGE ? inImage.step(command) : WholeImageCommands.step(command);
        } catch (BuildException e) {
            throw e.at(command.location());
        }
        return step == null ? 0 : chain.perform(step);
    }

    private static void include(Request command) throws BuildException {
        String named = command.arguments().get(0);
        if (Download.isAddress(named)) {
            throw BuildException
                    .request(command.location() + ": what an address has is not run; download it, read it, and include the file");
        }
        if (!Files.exists(command.path(1))) {
            throw BuildException.notFound(command.location() + ": there is no " + command.path(1));
        }
    }

    private void finish(Request command) throws BuildException, IOException {
        switch (command.command()) {
            case "CHECK" -> {
                command.expect(0, 0, "CHECK");
                ready(command);
                draft.command("check", List.of());
            }
            case "PACK" -> {
                command.expect(1, 1, "PACK FILE");
                ready(command);
                Path part = WholeImageCommands.beside(command.path(0));
                packed.put(part, command.path(0));
                Files.deleteIfExists(part);
                unfinished.add(part);
                draft.command("pack", List.of(part.toString()));
            }
            default -> {
                command.expect(1, 1, "WRITE DEVICE");
                writes.add(command);
            }
        }
    }

    private void ready(Request command) throws BuildException {
        chain.catchUp();
        request.progress().accept(command.location().toString());
    }
}
