package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.emulation.hosttools.HostTools;
import org.example.piimages.daemon.image.MachineImages;
import org.example.piimages.daemon.image.Quota;
import org.example.piimages.daemon.image.SubordinateIds;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.mount.MachineMounts;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.linux.block.LoopMarkers;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.systemd.Machined;
import org.example.piimages.daemon.linux.systemd.Systemd;
import org.example.piimages.daemon.machine.nspawn.MachineUnit;
import org.example.piimages.daemon.machine.nspawn.UserRange;
import org.example.piimages.daemon.machine.nspawn.UserRanges;
import org.example.piimages.daemon.machine.record.MachineDirectories;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.MachineResult;

/**
 * The machines: images in which a command or their own init runs. Each is a transient unit of systemd and outlives this process; a machine
 * that ended while the daemon was not running is found by {@link #recover} and cleaned up by {@link #finishEnded}.
 */
public final class Machines {

    /** The maximum number of concurrent machines of one user; root is not limited. */
    public static final int LIMIT_PER_USER = 32;
    /** The maximum number of concurrent machines of all users together, not counting those of root. */
    public static final int LIMIT = 256;
    /** The status of a machine whose exit status was not recorded. */
    public static final int STATUS_UNKNOWN = 255;

    private final MachineImages images;
    private final Interpreters interpreters;
    private final HostTools hostTools;
    private final Systemd systemd;
    private final Machined machined;
    private final Executor threads;
    private final MachineListener listener;
    private final ImageClaims claims = new ImageClaims();
    private final UserRanges ranges = new UserRanges();
    private final Quota<Integer> quota = new Quota<>("machines running", LIMIT_PER_USER, LIMIT, 1);
    private final SubordinateIds accounts;
    private final Map<String, RunningMachine> running = new ConcurrentHashMap<>();
    private final Queue<RunningMachine> endedMeanwhile = new ConcurrentLinkedQueue<>();

    /**
     * Creates an instance without machines.
     *
     * @param accounts determines which UIDs share a quota
     * @param threads runs the reactions to events; each machine takes one thread at most, and must not have to wait for it
     */
    public Machines(SubordinateIds accounts, MachineImages images, Interpreters interpreters, HostTools hostTools, Systemd systemd,
            Machined machined, Executor threads, MachineListener listener) {
        this.accounts = accounts;
        this.images = images;
        this.interpreters = interpreters;
        this.hostTools = hostTools;
        this.systemd = systemd;
        this.machined = machined;
        this.threads = threads;
        this.listener = listener;
    }

    /**
     * Starts a machine in an image file, which need not be mounted; returns when the command or init is ready.
     *
     * @param groups the owner's gids, the primary one first
     * @throws Failure LIMIT_EXCEEDED if there are too many machines, BUSY if the name or the image is in use
     */
    public RunningMachine start(ImageFile file, Owner owner, int[] groups, MachineRequest request) throws IOException {
        boolean readOnly = request.mode().readOnly();
        if (!request.mode().ephemeral()) {
            return start(new MachineSource(file.path(), file.identity(), images.mountedId(file),
                    (mountTarget, undo) -> images.mount(file, owner, readOnly, request.selection(), mountTarget, undo)), owner, request);
        }
        try (ImageFile copy = images.copy(file, owner, groups)) {
            return start(new MachineSource(file.path(), copy.identity(), "",
                    (mountTarget, undo) -> images.mount(copy, owner, readOnly, request.selection(), mountTarget, undo)), owner, request);
        }
    }

    /** Starts a machine in a mounted image, not ephemerally. See {@link #start(ImageFile, Owner, int[], MachineRequest)}. */
    public RunningMachine start(ImageRecord image, Owner owner, MachineRequest request) throws IOException {
        if (request.mode().ephemeral()) {
            throw new Failure(Failure.Kind.BUSY, image.title() + " is mounted, so a copy would not be consistent;"
                    + " unmount it first");
        }
        return start(new MachineSource(image.file(), image.id(), image.id(),
                (mountTarget, undo) -> images.mount(image.id(), request.mode().readOnly(), request.selection(), mountTarget, undo)), owner,
                request);
    }

    private RunningMachine start(MachineSource source, Owner owner, MachineRequest request) throws IOException {
        try (Undo undo = takeQuota(owner)) {
            String name = MachineDirectories.claim(request.name(), source.file());
            Path directory = MachineRecord.directories().resolve(name);
            undo.add("remove " + directory, () -> RunDirectory.removeDirectory(directory));
            claims.claim(name, source.identity(), owner.uid(), request.mode(), !source.mountedId().isEmpty());
            undo.add("give up the image", () -> claims.release(name));
            Optional<UserRange> users = ranges.take(name, request.privileges());
            undo.add("release the UID range", () -> ranges.release(name));
            MachineMounts mounts = source.mount().mount(ranges.mountTarget(directory, users), undo);
            MachineSetup setup = new MachineSetup(interpreters, hostTools, request, mounts, directory, users);
            MachineRecord machine = setup.prepare(name, owner.uid(), source.mountedId(), source.file(), undo);
            Properties record = machine.toProperties();
            mounts.store(record);
            UserRange.store(users, record);
            RunDirectory.writeRecord(machine.file("record"), record);
            RunningMachine started = new RunningMachine(machine, threads);
            running.put(name, started);
            undo.add("forget " + name, () -> running.remove(name));
            launch(started, setup, undo);
            undo.commit();
            started.onEvent(() -> finishIfUnloaded(started));
            machine.about(Event.done("started")).log("started {} in {} for uid {}", machine.unit(), Printable.path(source.file()),
                    Integer.toUnsignedString(owner.uid()));
            return started;
        }
    }

    /** Starts the unit. The machine is announced before that, so that it can be found and terminated while its init is starting. */
    private void launch(RunningMachine started, MachineSetup setup, Undo undo) throws IOException {
        MachineRecord machine = started.machine();
        watch(started);
        undo.add("stop watching", started::unwatch);
        listener.started(started);
        undo.add("announce its end", () -> {
            listener.ended(machine, STATUS_UNKNOWN);
            started.ended().complete(STATUS_UNKNOWN);
        });
        systemd.startTransient(machine.unit(), MachineUnit.properties(machine, setup.line(), setup.isPlain(), setup.streams()));
        started.launched();
    }

    private void watch(RunningMachine started) {
        started.setSubscription(systemd.onStateChanged(started.machine().unit(), state -> {
            if (started.updateState(state) && running.containsKey(started.machine().name())) {
                started.onEvent(() -> listener.changed(started));
            }
        }));
    }

    /** Counts a new machine against the quota, before anything else is done; the returned undo releases it. */
    private Undo takeQuota(Owner owner) {
        Undo undo = new Undo();
        undo.add("remove the loop devices' markers", LoopMarkers::sweep);
        if (!owner.isRoot()) {
            quota.take(accounts.account(owner.uid()), 1);
            undo.add("release the quota of a running machine", () -> quota.release(accounts.account(owner.uid()), 1));
        }
        return undo;
    }

    /** Terminates a machine. The future completes with its exit status; at once with {@link #STATUS_UNKNOWN} if it has already ended. */
    public CompletableFuture<Integer> terminate(MachineRecord machine) {
        RunningMachine target = running.get(machine.name());
        if (target == null) {
            return CompletableFuture.completedFuture(STATUS_UNKNOWN);
        }
        // nspawn forwards the stop to the command or init. In another thread, because this is also called where the bus is read.
        return CompletableFuture.runAsync(() -> machined.awaitLeader(machine.name()), threads).exceptionally(error -> null)
                .thenCompose(nothing -> systemd.stop(machine.unit(), () -> target.isLaunched() || target.ended().isDone(), threads))
                .thenCompose(nothing -> target.ended());
    }

    /** Signals the machine's first process, which forwards it to the command; SIGCONT goes to all, because a terminal stops all. */
    public void kill(MachineRecord machine, int signal) {
        if (signal == MachineResult.SIGCONT) {
            systemd.killAll(machine.unit(), signal);
        } else {
            machined.killLeader(machine.name(), signal);
        }
    }

    /** Notifies nspawn that the size of its terminal has changed. */
    public void terminalResized(MachineRecord machine) {
        systemd.killMain(machine.unit(), MachineResult.SIGWINCH);
    }

    /** Returns the host's process ID of the machine's first process; 0 if it has none. */
    public int leader(MachineRecord machine) {
        return running.containsKey(machine.name()) ? machined.leader(machine.name()) : 0;
    }

    /** Returns a running machine by its name. */
    public Optional<MachineRecord> find(String name) {
        return Optional.ofNullable(running.get(name)).map(RunningMachine::machine);
    }

    /** Returns the identity of the image that each machine uses, by the machine's name. */
    public Map<String, String> images() {
        return claims.images();
    }

    /** Returns a live view of all running machines. */
    public Collection<RunningMachine> all() {
        return running.values();
    }

    /** To be called for every unit that systemd unloads. */
    public void unitRemoved(String unit) {
        running.values().stream().filter(r -> r.machine().unit().equals(unit) && r.isLaunched()).findFirst()
                .ifPresent(ended -> ended.onEvent(() -> finishIfUnloaded(ended)));
    }

    /** Finishes a machine if systemd no longer knows its unit, whose removal may have been announced before its start was recorded. */
    private void finishIfUnloaded(RunningMachine machine) {
        if (running.containsValue(machine)) {
            systemd.ifUnloaded(machine.machine().unit(), machine::onEvent, () -> finish(machine));
        }
    }

    private void finish(RunningMachine ended) {
        MachineRecord machine = ended.machine();
        if (!running.remove(machine.name(), ended)) {
            return;
        }
        if (machine.owner() != 0) {
            quota.release(accounts.account(machine.owner()), 1);
        }
        ended.unwatch();
        AtomicInteger result = new AtomicInteger(STATUS_UNKNOWN);
        try (Undo cleanUp = new Undo()) {
            if (running.isEmpty()) {
                cleanUp.add("remove the host's tools", hostTools::sweep);
            }
            cleanUp.add("release the interpreter", () -> interpreters.release(machine.interpreter(), machine.name()));
            cleanUp.add("tidy up after " + machine.unit(), () -> MachineDirectories.cleanUp(machine.directory()));
            cleanUp.add("read how " + machine.unit() + " ended", () -> result.set(status(machine)));
        }
        int status = result.get();
        claims.release(machine.name());
        ranges.release(machine.name());
        machine.about(Event.done("ended")).with("STATUS", status).log("{} ended with status {}", machine.unit(), status);
        listener.ended(machine, status);
        ended.ended().complete(status);
    }

    private static int status(MachineRecord machine) throws IOException {
        return MachineResult.status(RunDirectory.readRecord(machine.file("result")).orElseGet(Properties::new)).orElse(STATUS_UNKNOWN);
    }

    /**
     * Recovers the machines of an earlier process of the daemon: running ones are managed again, ended ones are left to
     * {@link #finishEnded}, and unreadable records are set aside.
     */
    public void recover() throws IOException {
        new MachineRecovery(systemd::isLoaded, ranges, this::adopt).recover();
    }

    /** Cleans up after machines that {@link #recover} found ended. Their end is announced, so the service has to be on the bus already. */
    public void finishEnded() {
        for (RunningMachine found = endedMeanwhile.poll(); found != null; found = endedMeanwhile.poll()) {
            finish(found);
        }
    }

    private void adopt(MachineRecord machine, MachineMounts mounts) {
        RunningMachine found = new RunningMachine(machine, threads);
        running.put(machine.name(), found);
        if (machine.owner() != 0) {
            quota.add(accounts.account(machine.owner()), 1);
        }
        interpreters.adopt(machine.interpreter(), machine.name());
        claims.adopt(machine, mounts.image());
        images.adopt(mounts, machine.owner());
        watch(found);
        found.launched();
        if (systemd.isLoaded(machine.unit())) {
            found.updateState(systemd.activeState(machine.unit()));
            machine.about(Event.done("found")).log("found {} running", machine.unit());
        } else {
            endedMeanwhile.add(found);
        }
    }
}
