package org.example.piimages.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;
import org.example.piimages.build.recipe.Request;
import org.example.piimages.build.step.Draft;
import org.example.piimages.build.step.Step;
import org.example.piimages.build.step.StepChain;
import org.example.piimages.build.step.WholeImageCommands;

/**
 * The commands that use the finished image: checks and packs it, moves it to its final name, and writes it to devices. Until this is
 * closed, no other build can pack to the same files.
 */
final class FinishedImage implements AutoCloseable {

    /** A file that is packed from the image: its temporary name, its final name, and the key of its state. */
    private record Packed(Path part, Path file, String key) {
    }

    private final BuildRequest request;
    private final Draft draft;
    private final StepChain chain;
    private final Path target;
    private final Set<Path> unfinished;
    private final OutputRecords results;
    private final List<Packed> packed = new ArrayList<>();
    private final Map<Path, LockFile> locks = new HashMap<>();
    private final List<Request> writes = new ArrayList<>();

    /** Creates the commands for the image that will be stored as {@code target}. */
    FinishedImage(BuildRequest request, Draft draft, StepChain chain, Path target, Set<Path> unfinished) {
        this.request = request;
        this.draft = draft;
        this.chain = chain;
        this.target = target;
        this.unfinished = unfinished;
        this.results = new OutputRecords(request.cache().results());
    }

    /** Returns whether a command uses the finished image. */
    static boolean usesFinishedImage(String command) {
        return List.of("CHECK", "PACK", "WRITE").contains(command);
    }

    /** Verifies the arguments of a command. */
    static void verify(Request command) throws BuildException {
        switch (command.command()) {
            case "CHECK" -> command.expect(0, 0, "CHECK");
            case "PACK" -> {
                command.expect(1, 1, "PACK FILE");
                if (Files.isDirectory(command.path(0))) {
                    throw BuildException.request(command.path(0) + " is a directory; specify the file to create: PACK FILE");
                }
            }
            default -> command.expect(1, 1, "WRITE DEVICE");
        }
    }

    /** Executes a command, or stores it until the image is complete. */
    void execute(Request command) throws BuildException, IOException {
        verify(command);
        switch (command.command()) {
            case "CHECK" -> check(command);
            case "PACK" -> pack(command);
            default -> writes.add(command);
        }
    }

    /** Returns whether an image of the current state exists, so that earlier results for this state are still valid. */
    private boolean isSettled() {
        return chain.isUntouched() && (chain.hasImage() || results.isCurrent(target, chain.key()));
    }

    private void check(Request command) throws BuildException {
        Step step = new Step(command.location(), "CHECK", true, image -> image.command("check", List.of()));
        if (isSettled() && chain.isRecorded(step)) {
            request.progress().accept(command.location() + " (cached)");
            return;
        }
        ready(command);
        draft.command("check", List.of());
        chain.recordCheck(step);
    }

    private void pack(Request command) throws BuildException, IOException {
        Path file = command.path(0);
        // The key need not include the format: it follows from the suffix of the name, and each name has its own record.
        String key = new Fingerprint().add("PACK", chain.key()).text();
        if (isSettled() && results.isCurrent(file, key)) {
            request.progress().accept(command.location() + " (unchanged)");
            return;
        }
        lock(file);
        ready(command);
        Path part = WholeImageCommands.temporaryName(file);
        packed.removeIf(other -> other.part().equals(part));
        packed.add(new Packed(part, file, key));
        Files.deleteIfExists(part);
        unfinished.add(part);
        draft.command("pack", List.of(part.toString()));
    }

    /** Locks a file to pack to: two builds would write to the same temporary file. */
    private void lock(Path file) throws BuildException, IOException {
        Path name = file.toAbsolutePath().normalize();
        if (locks.containsKey(name)) {
            return;
        }
        LockFile lock = LockFile.tryAcquire(request.cache().locks().resolve(new Fingerprint().add("PACK", name.toString()).text()), false);
        if (lock == null) {
            throw BuildException.busy("another build is packing " + file + "; try again when it has finished");
        }
        locks.put(name, lock);
    }

    @Override
    public void close() throws IOException {
        for (LockFile lock : locks.values()) {
            lock.close();
        }
    }

    private void ready(Request command) throws BuildException {
        chain.catchUp();
        request.progress().accept(command.location().toString());
    }

    /**
     * Moves the draft and the files that were packed from it to their final names.
     *
     * @return whether the image of an earlier build was up to date and left unchanged
     */
    boolean deliver(Target place) throws BuildException, IOException {
        boolean isUnchanged = chain.isUntouched() && results.isCurrent(target, chain.key());
        if (!isUnchanged) {
            chain.catchUp();
            draft.release();
            place.deliver();
            record(target, chain.key());
        }
        for (Packed file : packed) {
            Files.move(file.part(), file.file(), StandardCopyOption.ATOMIC_MOVE);
            record(file.file(), file.key());
        }
        return isUnchanged;
    }

    private void record(Path file, String key) {
        if (chain.hasValidKey()) {
            results.record(file, key);
        }
    }

    /** Writes the image to the devices that the recipe names. */
    void write(Images images) throws BuildException {
        for (Request write : writes) {
            request.progress().accept(write.location().toString());
            images.command(List.of("write", target.toString(), write.path(0).toString()));
        }
    }
}
