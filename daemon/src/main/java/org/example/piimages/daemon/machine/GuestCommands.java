package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.systemd.Systemd;
import org.example.piimages.daemon.machine.guest.LoginShell;
import org.example.piimages.daemon.machine.guest.ProgramLookup;
import org.example.piimages.daemon.machine.nspawn.GuestCommandLine;
import org.example.piimages.daemon.machine.nspawn.MachineCommand;
import org.example.piimages.daemon.machine.nspawn.MachineUnit;
import org.example.piimages.daemon.machine.nspawn.StandardStreams;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.MachineResult;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.types.Variant;

/**
 * Starts further commands in booted machines. The machine's own systemd runs them, as requested by systemd-run(1) or machinectl(1), which
 * run in a unit of the host with the caller's streams. A command is part of the machine's cgroup, with its journal and its limits; no
 * process enters the machine's namespaces.
 */
public final class GuestCommands {

    /** The suffix, after the unit's name, of the file that records who started a command. */
    private static final String CALLER_FILE = ".caller";
    private static final String CALLER = "caller";
    private static final String ENDED = "/usr/libexec/piimages/command-ended";

    /** A running command; it ends with its unit on the host. */
    private record ActiveCommand(MachineRecord machine, String unit, CompletableFuture<Integer> ended) {
    }

    private final Systemd systemd;
    private final Executor executor;
    private final Map<String, ActiveCommand> running = new ConcurrentHashMap<>();
    private final AtomicInteger counter = new AtomicInteger((int) (System.currentTimeMillis() / 1000 & 0xffffff) << 6);

    /** Creates an instance. The executor has to provide a thread for each command that has ended, independently of other tasks. */
    public GuestCommands(Systemd systemd, Executor executor) {
        this.systemd = systemd;
        this.executor = executor;
    }

    /**
     * A started command.
     *
     * @param unit the name of its unit, on the host and in the machine
     * @param ended completes with its exit status; {@link Machines#STATUS_UNKNOWN} if it is not known
     */
    public record Started(String unit, CompletableFuture<Integer> ended) {
    }

    /**
     * Starts a command.
     *
     * @param machineCommand the command; an empty one is the user's login shell
     * @param caller the unique bus name of the connection that requested it
     * @throws Failure UNSUPPORTED for a machine without systemd, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE
     */
    public Started start(MachineRecord machine, MachineCommand machineCommand, StandardStreams streams, String caller) throws IOException {
        if (!machine.systemd()) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "machine " + machine.name() + (machine.mode().boot()
                    ? " does not run systemd, which is required to start a command"
                    : " runs a single command and cannot start another; to run one beside it: piimagesctl run IMAGE -- COMMAND"));
        }
        MachineCommand resolved = machineCommand(machine, machineCommand);
        // No machine's name contains a dot, so this unit is not another machine's.
        String unit = "piimages-" + machine.name() + ".command-" + Integer.toUnsignedString(counter.incrementAndGet()) + ".service";
        Path callerFile = machine.file(unit + CALLER_FILE);
        try (Undo undo = new Undo()) {
            undo.add("remove " + callerFile, () -> RunDirectory.remove(callerFile));
            Properties record = new Properties();
            record.setProperty(CALLER, caller);
            RunDirectory.writeRecord(callerFile, record);
            systemd.startTransient(unit, properties(machine, unit, resolved, streams));
            undo.commit();
        }
        return follow(machine, unit);
    }

    /**
     * Returns the command that a connection on the bus started, even under an earlier process of the daemon.
     *
     * @throws Failure NOT_FOUND if there is none whose end has not been reported
     */
    public Started startedBy(MachineRecord machine, String caller) throws IOException {
        for (Path file : RunDirectory.entries(machine.directory())) {
            String name = file.getFileName().toString();
            if (name.endsWith(CALLER_FILE)
                    && RunDirectory.readRecord(file).filter(record -> caller.equals(record.getProperty(CALLER))).isPresent()) {
                return follow(machine, name.substring(0, name.length() - CALLER_FILE.length()));
            }
        }
        throw new Failure(Failure.Kind.NOT_FOUND, "the caller has no command running in machine " + machine.name());
    }

    /**
     * Follows a command until its end, which may already have been announced. Only for a unit that has been started: systemd also announces
     * the removal of a unit that does not exist when somebody asks for it.
     */
    private Started follow(MachineRecord machine, String unit) {
        ActiveCommand followed = running.computeIfAbsent(unit, name -> new ActiveCommand(machine, name, new CompletableFuture<>()));
        unitRemoved(unit);
        return new Started(unit, followed.ended());
    }

    private static MachineCommand machineCommand(MachineRecord machine, MachineCommand machineCommand) throws IOException {
        try (Fd root = DirectoryTree.open(machine.file("root"))) {
            DirectoryTree tree = new DirectoryTree(root);
            MachineCommand resolved = machineCommand.command().isEmpty()
                    ? machineCommand.withCommand(LoginShell.of(tree, machineCommand.user())) : machineCommand;
            ProgramLookup.require(tree, resolved.command().get(0), resolved.directory());
            return resolved;
        }
    }

    private static Map<String, Variant<?>> properties(MachineRecord machine, String unit, MachineCommand machineCommand,
            StandardStreams streams) {
        // Nobody in the machine can predict the name, so the command's own shell is the first to create the file.
        String statusFile = streams.terminal() ? "/tmp/." + unit + "-" + UUID.randomUUID() : "";
        List<String> line = streams.terminal() ? GuestCommandLine.onTerminal(machine, statusFile, machineCommand)
                : GuestCommandLine.piped(machine, unit, machineCommand);
        Map<String, Variant<?>> properties = new LinkedHashMap<>();
        properties.put("Description", new Variant<>("Command in PiImages machine " + machine.name()));
        properties.put("Type", new Variant<>("exec"));
        properties.put("ExecStart", MachineUnit.commands(line));
        if (!streams.terminal()) {
            properties.put("ExecStop", MachineUnit.commands(List.of(ENDED, machine.name(), unit)));
        }
        properties.put("ExecStopPost", MachineUnit.commands(List.of(ENDED, machine.name(), unit, statusFile)));
        properties.put("CollectMode", new Variant<>("inactive-or-failed"));
        MachineUnit.streams(properties, streams);
        return properties;
    }

    /** Stops a command; the future of {@link #start} completes when it has ended. */
    public void stop(String unit) {
        systemd.stop(unit);
    }

    /** Notifies the commands of a machine that the size of their terminals has changed. */
    public void terminalResized(MachineRecord machine) {
        running.values().stream().filter(command -> command.machine().name().equals(machine.name()))
                .forEach(command -> systemd.killMain(command.unit(), MachineResult.SIGWINCH));
    }

    /** To be called for every unit that systemd unloads. */
    public void unitRemoved(String unit) {
        ActiveCommand command = running.get(unit);
        if (command != null) {
            executor.execute(() -> systemd.ifUnloaded(unit, executor, () -> finish(command)));
        }
    }

    private void finish(ActiveCommand command) {
        if (running.remove(command.unit(), command)) {
            command.ended().complete(status(command));
        }
    }

    private static int status(ActiveCommand command) {
        try {
            Properties result = RunDirectory.readRecord(command.machine().file(command.unit())).orElseGet(Properties::new);
            RunDirectory.removeIfEmpty(command.machine().file(command.unit()));
            RunDirectory.remove(command.machine().file(command.unit() + CALLER_FILE));
            return MachineResult.status(result).orElse(Machines.STATUS_UNKNOWN);
        } catch (IOException e) {
            return Machines.STATUS_UNKNOWN;
        }
    }
}
