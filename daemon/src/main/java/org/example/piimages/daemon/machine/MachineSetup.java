package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.emulation.hosttools.HostTools;
import org.example.piimages.daemon.image.MachineView;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Tree;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.Fd;

/** What becomes of a request once its image is mounted: a look into the image, files to be seen instead of its own, a command line. */
final class MachineSetup {

    private final Interpreters interpreters;
    private final HostTools hostTools;
    private final MachineRequest request;
    private final MachineView view;
    private final Path folder;
    private List<String> line;

    MachineSetup(Interpreters interpreters, HostTools hostTools, MachineRequest request, MachineView view, Path folder) {
        this.interpreters = interpreters;
        this.hostTools = hostTools;
        this.request = request;
        this.view = view;
        this.folder = folder;
    }

    /**
     * Does all that comes before systemd is asked.
     *
     * @param undo takes it back
     * @throws org.example.piimages.contract.Failure COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, NO_EMULATOR, UNSUPPORTED, INVALID_ARGUMENT
     */
    MachineRecord prepare(String name, int owner, String mountedId, String file, Undo undo) throws IOException {
        try (Fd root = Tree.open(view.root())) {
            Tree tree = new Tree(root);
            MachinePlaces.requireFolders(tree);
            Task task = task(tree);
            Emulation emulation = interpreters.prepare(tree, name);
            undo.add("release the interpreter", () -> interpreters.release(emulation.entry(), name));
            boolean systemd = request.mode().boot() && guest(tree, emulation);
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            Optional<HostTools.Provision> tools = tools(tree, emulation);
            MachineRecord machine = new MachineRecord(name, owner, request.caller(), mountedId, file, task.command(),
                    emulation.architecture(), emulation.entry(), tools.map(HostTools.Provision::packages).orElse(List.of()), systemd,
                    request.mode(), now);
            Map<String, Path> overlays = Overlays.prepare(tree, folder, request.mode(), emulation);
            if (tools.isPresent()) {
                task = withTools(task, tools.get(), overlays);
            }
            if (request.mode().boot()) {
                RunFolder.writePublic(folder.resolve("booted"), "");
            }
            line = NspawnCommand.of(machine, request.privileges(), task, request.streams().terminal(), view, overlays,
                    binds(tree, overlays.keySet(), undo), Overlays.hostName(tree));
            return machine;
        }
    }

    /** A command that is root in a user namespace of its own can have them: it takes that root to set them up. */
    private Optional<HostTools.Provision> tools(Tree tree, Emulation emulation) {
        boolean can = request.hostTools() && !request.mode().boot() && !request.privileges().hostUsers()
                && (request.task().user().isEmpty() || request.task().user().equals("root"));
        return can ? hostTools.provide(tree, view.image(), emulation) : Optional.empty();
    }

    private Task withTools(Task task, HostTools.Provision tools, Map<String, Path> overlays) throws IOException {
        Path script = folder.resolve("start");
        RunFolder.writePublic(script, tools.script());
        overlays.putAll(tools.binds());
        overlays.put(HostTools.Provision.SCRIPT, script);
        return task.withCommand(Stream.concat(tools.launcher().stream(), task.command().stream()).toList());
    }

    private Task task(Tree tree) throws IOException {
        Task task = request.task();
        if (request.mode().boot()) {
            return task;
        }
        if (task.command().isEmpty()) {
            task = task.withCommand(LoginShell.of(tree, task.user()));
        }
        String program = task.command().get(0);
        // What is bound into the machine is not in the image.
        if (request.binds().stream().noneMatch(bind -> bind.shows(program))) {
            ProgramLookup.require(tree, program, task.directory());
        }
        return task;
    }

    private static boolean guest(Tree tree, Emulation emulation) throws IOException {
        Guest guest = Guest.of(tree);
        guest.requireBoots(Interpreters.emulatorVersion(emulation.entry()));
        return guest.systemd().isPresent();
    }

    private List<String> binds(Tree tree, Set<String> overlays, Undo undo) throws IOException {
        MachinePlaces places = new MachinePlaces();
        places.add(overlays);
        places.add(view.others().values());
        request.binds().forEach(bind -> places.claim(bind.place()));
        List<String> options = new ArrayList<>();
        for (Bind bind : request.binds()) {
            options.add(bind.mount(tree, folder, options.size(), undo));
        }
        return options;
    }

    /** The command line of systemd-nspawn. */
    List<String> line() {
        return line;
    }

    /** Folders of the machine's that it may change. */
    List<Path> writable(MachineRecord machine) throws IOException {
        List<Path> readOnly = new ArrayList<>();
        for (int number = 0; number < request.binds().size(); number++) {
            if (request.binds().get(number).readOnly()) {
                readOnly.add(Bind.mountPoint(folder, number));
            }
        }
        return MachineSandbox.writable(machine, readOnly);
    }

    /** Whether the machine may do no more on the host than machines may. */
    boolean isPlain() {
        return request.privileges().isNone();
    }

    Streams streams() {
        return request.streams();
    }
}
