package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.machine.nspawn.MachineCommand;
import org.example.piimages.daemon.machine.nspawn.NspawnCommand;
import org.example.piimages.daemon.machine.nspawn.Privileges;
import org.example.piimages.daemon.machine.nspawn.StandardStreams;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.Network;

/**
 * Tests whether machines can be started on this host by starting one, in an image of a few megabytes whose only program is a static one of
 * the host, {@link NspawnCommand#INIT}. The trial involves everything that a command in an image needs: a loop device, an ID-mapped mount,
 * systemd, systemd-nspawn and machined.
 */
public final class MachineStartCheck {

    private static final String MKE2FS = "mke2fs";
    private static final String PROGRAM = "bin/sh";
    /** The directories of a minimal system. */
    private static final List<String> DIRECTORIES = List.of("bin", "dev", "etc", "proc", "run", "sys", "tmp", "usr");
    private static final Path DIRECTORY = RunDirectory.ROOT.resolve("trial");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Owner ROOT = new Owner(0, 0);

    /** The minimum time between two trials, which any user may request at any rate. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Machines machines;
    private final Executor threads;
    /** The lock that is held during a trial and the pause before it. */
    private final Object lock = new Object();
    private long lastEnd = System.nanoTime() - PAUSE.toNanos();
    /** The result of the trial that has not begun yet; null if none is requested. Guarded by this. */
    private CompletableFuture<Optional<String>> next;

    /** Creates an instance that starts its trials with these machines, in these threads. */
    public MachineStartCheck(Machines machines, Executor threads) {
        this.machines = machines;
        this.threads = threads;
    }

    /** Returns whether the host has mke2fs and the program for the image. */
    public static boolean isPossible() {
        return Command.find(MKE2FS).isPresent() && Files.isExecutable(Path.of(NspawnCommand.INIT));
    }

    /**
     * Requests a trial, which starts the machine in another thread and waits for its end for at most a minute. Only one trial runs at a
     * time, and all requests before it begins share it, so that frequent requests do not occupy many threads.
     *
     * @return the reason why it failed; empty if its program ran and exited with 0
     */
    public synchronized CompletableFuture<Optional<String>> failure() {
        if (next == null) {
            next = new CompletableFuture<>();
            threads.execute(this::tryNext);
        }
        return next;
    }

    private void tryNext() {
        CompletableFuture<Optional<String>> current;
        Optional<String> result = Optional.of("the trial was interrupted");
        synchronized (lock) {
            pause();
            synchronized (this) {
                current = next;
                next = null;
            }
            try {
                result = failureNow();
            } finally {
                lastEnd = System.nanoTime();
                current.complete(result);
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos() - (System.nanoTime() - lastEnd));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<String> failureNow() {
        try (Undo undo = new Undo()) {
            undo.add("remove " + DIRECTORY, MachineStartCheck::sweep);
            return run(makeImage().toString());
        } catch (IOException | RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Removes the files of a trial, including one during which an earlier process of the daemon was killed. */
    public static void sweep() throws IOException {
        RunDirectory.removeDirectory(DIRECTORY);
    }

    private static Path makeImage() throws IOException {
        sweep();
        RunDirectory.createPrivate(DIRECTORY);
        Path tree = DIRECTORY.resolve("tree");
        for (String directory : DIRECTORIES) {
            Files.createDirectories(tree.resolve(directory));
        }
        RunDirectory.copyProgram(Path.of(NspawnCommand.INIT), tree.resolve(PROGRAM));
        Path image = DIRECTORY.resolve("doctor");
        Command.of(MKE2FS, "e2fsprogs", new Credentials(ROOT.uid(), new int[] {ROOT.gid()}))
                .with("-q", "-t", "ext4", "-O", "^has_journal", "-d", tree.toString(), image.toString(), "8M").start().await(LIMIT)
                .requireSuccess();
        return image;
    }

    private Optional<String> run(String image) throws IOException {
        OpenFile opened = OpenFile.ofHost(image).orElseThrow(() -> new Failure(Failure.Kind.FAILED, image + " was removed meanwhile"));
        try (ImageFile file = new ImageFile(opened, image);
                MachineRequest request =
                        new MachineRequest("", "", new MachineMode(false, true, false, Network.HOST), PartitionSelection.NONE, false,
                                Privileges.NONE, new MachineCommand(List.of("/" + PROGRAM, "-V"), List.of(), "", ""), List.of(),
                                new StandardStreams(null, null, null, false))) {
            return endOf(machines.start(file, ROOT, new int[] {ROOT.gid()}, request));
        }
    }

    private Optional<String> endOf(RunningMachine machine) throws IOException {
        try {
            int status = machine.ended().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            return status == 0 ? Optional.empty() : Optional.of("its program exited with status " + status + seeJournal(machine));
        } catch (TimeoutException e) {
            machines.terminate(machine.machine());
            return Optional.of("it did not end within " + LIMIT.toSeconds() + " seconds" + seeJournal(machine));
        } catch (ExecutionException e) {
            return Optional.of(e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            machines.terminate(machine.machine());
            return Optional.of("interrupted");
        }
    }

    private static String seeJournal(RunningMachine machine) {
        return "; see journalctl -u " + machine.machine().unit();
    }
}
