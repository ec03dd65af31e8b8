package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.emulation.hosttools.HostTools;
import org.example.piimages.daemon.image.mount.MachineMounts;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.machine.guest.GuestInit;
import org.example.piimages.daemon.machine.guest.LoginShell;
import org.example.piimages.daemon.machine.guest.MachineMountPoints;
import org.example.piimages.daemon.machine.guest.MachineTree;
import org.example.piimages.daemon.machine.guest.Overlays;
import org.example.piimages.daemon.machine.guest.ProgramLookup;
import org.example.piimages.daemon.machine.nspawn.Bind;
import org.example.piimages.daemon.machine.nspawn.MachineCommand;
import org.example.piimages.daemon.machine.nspawn.NspawnCommand;
import org.example.piimages.daemon.machine.nspawn.NspawnSettings;
import org.example.piimages.daemon.machine.nspawn.StandardStreams;
import org.example.piimages.daemon.machine.nspawn.UserRange;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.libc.Fd;

/** Prepares a requested machine whose image is mounted: inspects the image, mounts files over it, and builds the command line. */
final class MachineSetup {

    private static final String VERIFIED = "verified";

    private final Interpreters interpreters;
    private final HostTools hostTools;
    private final MachineRequest request;
    private final MachineMounts mounts;
    private final Path directory;
    private final Optional<UserRange> users;
    private List<String> line;

    /**
     * Creates the setup for a request.
     *
     * @param mounts the mounted image
     * @param directory the machine's own directory
     * @param users the machine's user IDs; empty if they are the host's
     */
    MachineSetup(Interpreters interpreters, HostTools hostTools, MachineRequest request, MachineMounts mounts, Path directory,
            Optional<UserRange> users) {
        this.interpreters = interpreters;
        this.hostTools = hostTools;
        this.request = request;
        this.mounts = mounts;
        this.directory = directory;
        this.users = users;
    }

    /**
     * Does everything that precedes the call to systemd.
     *
     * @param undo reverts it
     * @throws org.example.piimages.contract.Failure COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, NO_EMULATOR, UNSUPPORTED, INVALID_ARGUMENT
     */
    MachineRecord prepare(String name, int owner, String mountedId, String file, Undo undo) throws IOException {
        try (Fd root = DirectoryTree.open(mounts.root())) {
            DirectoryTree tree = new DirectoryTree(root);
            MachineMountPoints.requireDirectories(tree);
            MachineCommand machineCommand = machineCommand(tree);
            Emulation emulation = interpreters.prepare(tree, name);
            undo.add("release the interpreter", () -> interpreters.release(emulation.entry(), name));
            boolean systemd = request.mode().boot() && guest(tree, emulation);
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            Optional<HostTools.Provision> tools = tools(tree, owner, emulation);
            MachineRecord machine = new MachineRecord(name, owner, request.caller(), mountedId, file, machineCommand.command(),
                    emulation.architecture(), emulation.entry(), tools.map(HostTools.Provision::packages).orElse(List.of()), systemd,
                    request.mode(), now);
            Map<String, Path> overlays = Overlays.prepare(tree, directory, request.mode(), emulation);
            if (tools.isPresent()) {
                machineCommand = withTools(machineCommand, tools.get(), overlays);
            }
            overlays.put(NspawnCommand.INIT_IN_MACHINE, Path.of(NspawnCommand.INIT));
            RunDirectory.writePrivate(NspawnSettings.file(machine), runs(machine, machineCommand, overlays));
            requirePlaces(tree, emulation);
            mount(tree, overlays, undo);
            line = NspawnCommand.of(machine, request.privileges(), users, request.streams().terminal(),
                    Overlays.hostName(tree));
            return machine;
        }
    }

    /** Returns the host's tools for the machine. Setting them up requires a command that runs as root in its own user namespace. */
    private Optional<HostTools.Provision> tools(DirectoryTree tree, int owner, Emulation emulation) throws IOException {
        boolean supported = request.hostTools() && !request.mode().boot() && !request.privileges().hostUsers()
                && (request.machineCommand().user().isEmpty() || request.machineCommand().user().equals("root"));
        if (!supported) {
            return Optional.empty();
        }
        RunDirectory.writePublic(directory.resolve(VERIFIED), "");
        return hostTools.provide(tree, mounts.image() + " of " + owner, emulation);
    }

    private MachineCommand withTools(MachineCommand machineCommand, HostTools.Provision tools, Map<String, Path> overlays)
            throws IOException {
        Path script = directory.resolve("start");
        RunDirectory.writePublic(script, tools.script());
        overlays.putAll(tools.binds());
        overlays.put(HostTools.Provision.SCRIPT, script);
        overlays.put(HostTools.Provision.STAMP, directory.resolve(VERIFIED));
        return machineCommand.withCommand(Stream.concat(tools.launcher().stream(), machineCommand.command().stream()).toList());
    }

    private MachineCommand machineCommand(DirectoryTree tree) throws IOException {
        MachineCommand machineCommand = request.machineCommand();
        if (request.mode().boot()) {
            return machineCommand;
        }
        if (machineCommand.command().isEmpty()) {
            machineCommand = machineCommand.withCommand(LoginShell.of(tree, machineCommand.user()));
        }
        String program = machineCommand.command().get(0);
        // Files bound into the machine are not in the image.
        if (request.binds().stream().noneMatch(bind -> bind.contains(program))) {
            ProgramLookup.require(tree, program, machineCommand.directory());
        }
        return machineCommand;
    }

    private static boolean guest(DirectoryTree tree, Emulation emulation) throws IOException {
        GuestInit guest = GuestInit.of(tree);
        guest.requireBoots(Interpreters.emulatorVersion(emulation.entry()));
        return guest.systemd().isPresent();
    }

    /** Returns the settings of the command or init. If a script has to replace the command, it is added to the overlays. */
    private String runs(MachineRecord machine, MachineCommand machineCommand, Map<String, Path> overlays) throws IOException {
        if (request.mode().boot()) {
            RunDirectory.writePublic(directory.resolve("booted"), "");
            return NspawnSettings
                    .ofInit(Stream.concat(NspawnCommand.initEnvironment(machine).stream(), machineCommand.environment().stream()).toList());
        }
        if (NspawnSettings.canExpress(machineCommand)) {
            return NspawnSettings.ofCommand(machineCommand);
        }
        Path script = directory.resolve("command");
        RunDirectory.writePublic(script, NspawnSettings.script(machineCommand));
        overlays.put(NspawnSettings.SCRIPT, script);
        return NspawnSettings.ofCommand(NspawnSettings.viaScript(machineCommand));
    }

    /**
     * Requires a file in the image for the emulator to be mounted on: without the flag F, the kernel opens an emulator by its path in the
     * machine.
     */
    private static void requirePlaces(DirectoryTree tree, Emulation emulation) throws IOException {
        for (String place : emulation.overlays().keySet()) {
            if (tree.status(place).filter(status -> status.isRegularFile()).isEmpty()) {
                throw new Failure(Failure.Kind.NO_EMULATOR, "the emulator " + place + " is registered without the flag F, and the image has"
                        + " no file of this name to mount it on; register it with F, or see: piimagesctl doctor");
            }
        }
    }

    /**
     * Mounts everything besides the image. Binds come last, and all their mount points are looked up before the first is mounted, so that
     * none is found within another bind.
     */
    private void mount(DirectoryTree image, Map<String, Path> overlays, Undo undo) throws IOException {
        MachineMountPoints places = new MachineMountPoints();
        places.add(overlays.keySet());
        places.add(mounts.mountPoints());
        request.binds().forEach(bind -> places.claim(bind.place()));
        int root = users.map(UserRange::base).orElse(0);
        try (MachineTree tree = new MachineTree(directory, image, root); Undo opened = new Undo()) {
            tree.mountMemory(undo);
            for (Map.Entry<String, Path> overlay : overlays.entrySet()) {
                tree.cover(overlay.getKey(), overlay.getValue());
            }
            List<Fd> targets = new ArrayList<>();
            for (Bind bind : request.binds()) {
                Fd target = tree.place(bind.place(), bind.isDirectory());
                opened.add("close " + bind.place(), target::close);
                claimFound(places, bind, target);
                targets.add(target);
            }
            for (int i = 0; i < targets.size(); i++) {
                request.binds().get(i).mount(targets.get(i), users);
            }
        }
    }

    /** Claims the path of the mount point that was found as well, which by links in the image may differ from the requested one. */
    private void claimFound(MachineMountPoints places, Bind bind, Fd target) throws IOException {
        Optional<String> resolved = DirectoryTree.relativePath(target, mounts.root());
        if (resolved.isPresent() && !resolved.get().equals(bind.place())) {
            places.claim(resolved.get());
        }
    }

    /** Returns the command line of systemd-nspawn; null before {@link #prepare}. */
    List<String> line() {
        return line;
    }

    /** Returns whether the machine has no additional privileges on the host. */
    boolean isPlain() {
        return request.privileges().isNone();
    }

    StandardStreams streams() {
        return request.streams();
    }
}
