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
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.image.Owner;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.machine.nspawn.NspawnCommand;
import org.example.piimages.daemon.machine.nspawn.Privileges;
import org.example.piimages.daemon.machine.nspawn.Streams;
import org.example.piimages.daemon.machine.nspawn.Task;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.Network;

/**
 * Whether a machine can be started on this host, determined by starting one: in an image of a few megabytes whose only program is a static
 * one of the host's, {@link NspawnCommand#INIT}. All that a command in an image needs takes part: the loop device, the mount with users of
 * its own, systemd, systemd-nspawn, machined.
 */
public final class MachineTrial {

    private static final String MKE2FS = "mke2fs";
    private static final String PROGRAM = "bin/sh";
    /** What an image of a system has. */
    private static final List<String> FOLDERS = List.of("bin", "dev", "etc", "proc", "run", "sys", "tmp", "usr");
    private static final Path FOLDER = RunFolder.ROOT.resolve("trial");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Owner ROOT = new Owner(0, 0);

    /** Between two trials: everybody may ask, as often as they like. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Machines machines;
    private final Executor threads;
    /** Held during a trial, and the pause before it. */
    private final Object turn = new Object();
    private long lastEnd = System.nanoTime() - PAUSE.toNanos();
    /** The trial that has not begun; null where nobody waits for one. Guarded by this. */
    private CompletableFuture<Optional<String>> next;

    /** Trials by these machines, in these threads. */
    public MachineTrial(Machines machines, Executor threads) {
        this.machines = machines;
        this.threads = threads;
    }

    /** Whether the host has what the image is made with and of. */
    public static boolean isPossible() {
        return Command.find(MKE2FS).isPresent() && Files.isExecutable(Path.of(NspawnCommand.INIT));
    }

    /**
     * Starts the machine and waits for its end, a minute at most, in another thread than the caller's. One at a time, and one for all who
     * ask before it begins: nobody is to occupy many by asking often.
     *
     * @return why that failed; empty when its program ran
     */
    public synchronized CompletableFuture<Optional<String>> failure() {
        if (next == null) {
            next = new CompletableFuture<>();
            threads.execute(this::tryNext);
        }
        return next;
    }

    private void tryNext() {
        CompletableFuture<Optional<String>> wanted;
        Optional<String> result = Optional.of("the trial was interrupted");
        synchronized (turn) {
            pause();
            synchronized (this) {
                wanted = next;
                next = null;
            }
            try {
                result = failureNow();
            } finally {
                lastEnd = System.nanoTime();
                wanted.complete(result);
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
            undo.add("remove " + FOLDER, MachineTrial::sweep);
            return run(makeImage().toString());
        } catch (IOException | RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Removes what a daemon left that was killed during a trial. */
    public static void sweep() throws IOException {
        RunFolder.removeFolder(FOLDER);
    }

    private static Path makeImage() throws IOException {
        sweep();
        RunFolder.createPrivate(FOLDER);
        Path tree = FOLDER.resolve("tree");
        for (String folder : FOLDERS) {
            Files.createDirectories(tree.resolve(folder));
        }
        RunFolder.copyProgram(Path.of(NspawnCommand.INIT), tree.resolve(PROGRAM));
        Path image = FOLDER.resolve("doctor");
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
                                Privileges.NONE, new Task(List.of("/" + PROGRAM, "-V"), List.of(), "", ""), List.of(),
                                new Streams(null, null, null, false))) {
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
