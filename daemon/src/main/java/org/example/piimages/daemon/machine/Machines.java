package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.image.ImageRecord;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.MachineView;
import org.example.piimages.daemon.image.Owner;
import org.example.piimages.daemon.image.Printable;
import org.example.piimages.daemon.linux.LoopMarkers;
import org.example.piimages.daemon.linux.MountTable;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Systemd;
import org.example.piimages.daemon.linux.Tree;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.Fd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machines: images in which a command runs. Each is a transient unit of systemd's and outlives this process; a machine that ended while
 * nobody watched is tidied up by {@link #recover}.
 */
public final class Machines {

    /** How many machines one user may have at once; root is not limited. */
    public static final int LIMIT_PER_USER = 32;
    /** The status of a machine that ended without anybody to write it down. */
    public static final int STATUS_UNKNOWN = 255;

    private static final Logger LOG = LoggerFactory.getLogger(Machines.class);

    private record Running(MachineRecord machine, CompletableFuture<Integer> ended) {
    }

    /** Mounts the image into a machine's folder. */
    @FunctionalInterface
    private interface Source {
        MachineView mount(Path folder, Undo undo) throws IOException;
    }

    private final Images images;
    private final Interpreters interpreters;
    private final Systemd systemd;
    private final Executor executor;
    private final MachineListener listener;
    private final Map<String, Running> running = new ConcurrentHashMap<>();

    /** The executor runs what must not hold up the bus. */
    public Machines(Images images, Interpreters interpreters, Systemd systemd, Executor executor, MachineListener listener) {
        this.images = images;
        this.interpreters = interpreters;
        this.systemd = systemd;
        this.executor = executor;
        this.listener = listener;
    }

    /** Runs a command in an image file that its owner need not have mounted. See {@link #start}. */
    public Started run(ImageFile file, Owner owner, MachineRequest request) throws IOException {
        Optional<ImageRecord> mounted = images.find(file.identity());
        return start(file.path(), mounted.map(ImageRecord::id).orElse(""), owner, request,
                (folder, undo) -> images.mountForMachine(file, owner, request.readOnly(), folder, undo));
    }

    /** Runs a command in a mounted image. See {@link #start}. */
    public Started run(ImageRecord image, Owner owner, MachineRequest request) throws IOException {
        return start(image.file(), image.id(), owner, request,
                (folder, undo) -> images.mountForMachine(image.id(), request.readOnly(), folder, undo));
    }

    /**
     * A machine that has started.
     *
     * @param ended completes with its status when it has ended and everything of it is gone
     */
    public record Started(MachineRecord machine, CompletableFuture<Integer> ended) {
    }

    private Started start(String file, String image, Owner owner, MachineRequest request, Source source) throws IOException {
        requireRoom(owner);
        String name = claimName(request.name(), file);
        Path folder = MachineRecord.folders().resolve(name);
        try (Undo undo = new Undo()) {
            undo.add("remove " + folder, () -> RunFolder.removeFolder(folder));
            MachineView view = source.mount(folder, undo);
            Emulation emulation = prepare(view, request, name);
            undo.add("release the interpreter", () -> interpreters.release(emulation.entry(), name));
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            MachineRecord machine = new MachineRecord(name, owner.uid(), image, file, request.command(), emulation.architecture(),
                    emulation.entry(), now);
            RunFolder.writeRecord(machine.file("record"), machine.toProperties());
            Running started = new Running(machine, new CompletableFuture<>());
            running.put(name, started);
            undo.add("forget " + name, () -> running.remove(name));
            systemd.startTransient(machine.unit(), MachineUnit.properties(machine,
                    NspawnCommand.of(name, request, view, request.readOnly(), overlays(machine, view, emulation)), request.streams()));
            undo.commit();
            LOG.info("started {} in {} for uid {}", machine.unit(), Printable.path(file), Integer.toUnsignedString(owner.uid()));
            listener.started(machine);
            return new Started(machine, started.ended());
        }
    }

    private void requireRoom(Owner owner) {
        long held = running.values().stream().filter(r -> r.machine().owner() == owner.uid()).count();
        if (!owner.isRoot() && held >= LIMIT_PER_USER) {
            throw new Failure(Failure.Kind.LIMIT_EXCEEDED, "you have " + held + " machines running, more are not allowed");
        }
    }

    /** The folder is the claim: whoever makes it has the name. */
    private static String claimName(String wanted, String file) throws IOException {
        Files.createDirectories(MachineRecord.folders());
        if (!wanted.isEmpty()) {
            MachineName.require(wanted);
        }
        String stem = wanted.isEmpty() ? MachineName.of(file) : wanted;
        for (int suffix = 1;; suffix++) {
            String name = suffix == 1 ? stem : stem + "-" + suffix;
            try {
                Files.createDirectory(MachineRecord.folders().resolve(name),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return name;
            } catch (FileAlreadyExistsException e) {
                if (!wanted.isEmpty()) {
                    throw new Failure(Failure.Kind.BUSY, "a machine called " + wanted + " runs already", e);
                }
            }
        }
    }

    private Emulation prepare(MachineView view, MachineRequest request, String name) throws IOException {
        try (Fd root = Tree.open(view.root())) {
            Tree tree = new Tree(root);
            ProgramLookup.require(tree, request.command().get(0), request.directory());
            return interpreters.prepare(tree, name);
        }
    }

    private static Map<String, Path> overlays(MachineRecord machine, MachineView view, Emulation emulation) throws IOException {
        try (Fd root = Tree.open(view.root())) {
            return Overlays.prepare(new Tree(root), machine.folder(), emulation);
        }
    }

    /** Ends a machine; the future completes when it has ended. One that has ended already is what was wanted. */
    public CompletableFuture<Integer> terminate(MachineRecord machine) {
        Running target = running.get(machine.name());
        if (target == null) {
            return CompletableFuture.completedFuture(STATUS_UNKNOWN);
        }
        return systemd.stop(machine.unit()).handle((job, error) -> null).thenCompose(nothing -> target.ended());
    }

    /** Sends a signal to the command, through the machine's first process. */
    public void kill(MachineRecord machine, int signal) {
        systemd.killLeader(machine.name(), signal);
    }

    /** Tells nspawn to look at its terminal's size again. */
    public void terminalResized(MachineRecord machine) {
        systemd.killMain(machine.unit(), MachineResult.SIGWINCH);
    }

    /** A running machine by its name. */
    public Optional<MachineRecord> find(String name) {
        return Optional.ofNullable(running.get(name)).map(Running::machine);
    }

    /** Every running machine. */
    public Collection<MachineRecord> all() {
        return running.values().stream().map(Running::machine).toList();
    }

    /** To be told of every unit that systemd forgets. */
    public void unitRemoved(String unit) {
        running.values().stream().filter(r -> r.machine().unit().equals(unit)).findFirst()
                .ifPresent(ended -> executor.execute(() -> finish(ended)));
    }

    private void finish(Running ended) {
        MachineRecord machine = ended.machine();
        if (!running.remove(machine.name(), ended)) {
            return;
        }
        int status = STATUS_UNKNOWN;
        try {
            OptionalInt result = MachineResult.status(RunFolder.readRecord(machine.file("result")).orElseGet(Properties::new));
            status = result.orElse(STATUS_UNKNOWN);
            tidy(machine.folder());
            interpreters.release(machine.interpreter(), machine.name());
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot tidy up after {}: {}", machine.unit(), e.getMessage());
        }
        LOG.info("{} ended with status {}", machine.unit(), status);
        listener.ended(machine, status);
        ended.ended().complete(status);
    }

    private static void tidy(Path folder) throws IOException {
        for (Path place : RunFolder.entries(folder)) {
            if (Files.isDirectory(place)) {
                MountTable.unmount(place, true);
            }
        }
        RunFolder.removeFolder(folder);
        LoopMarkers.sweep();
    }

    /** Finds the machines of the daemon before this one: those that run are ours again, the others are tidied up. */
    public void recover() throws IOException {
        for (Path folder : RunFolder.entries(MachineRecord.folders())) {
            Optional<Properties> properties = RunFolder.readRecord(folder.resolve("record"));
            if (properties.isEmpty()) {
                tidy(folder);
                continue;
            }
            Running found = new Running(MachineRecord.of(properties.get()), new CompletableFuture<>());
            running.put(found.machine().name(), found);
            interpreters.adopt(found.machine().interpreter(), found.machine().name());
            if (!systemd.knows(found.machine().unit())) {
                finish(found);
            }
        }
    }
}
