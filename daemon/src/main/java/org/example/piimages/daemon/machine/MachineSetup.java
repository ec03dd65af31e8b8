package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.emulation.Emulation;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.MachineView;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Tree;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.Fd;

/** What becomes of a request once its image is mounted: a look into the image, files to be seen instead of its own, a command line. */
final class MachineSetup {

    private final Interpreters interpreters;
    private final MachineRequest request;
    private final MachineView view;
    private final Path folder;
    private List<String> line;

    MachineSetup(Interpreters interpreters, MachineRequest request, MachineView view, Path folder) {
        this.interpreters = interpreters;
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
            Task task = task(tree);
            Emulation emulation = interpreters.prepare(tree, name);
            undo.add("release the interpreter", () -> interpreters.release(emulation.entry(), name));
            boolean systemd = request.mode().boot() && guest(tree, emulation);
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            MachineRecord machine = new MachineRecord(name, owner, request.caller(), mountedId, file, task.command(),
                    emulation.architecture(), emulation.entry(), systemd, request.mode(), now);
            Map<String, Path> overlays = Overlays.prepare(tree, folder, request.mode(), emulation);
            if (request.mode().boot()) {
                RunFolder.writePublic(folder.resolve("booted"), "");
            }
            line = NspawnCommand.of(machine, request.privileges(), task, request.streams().terminal(), view, overlays,
                    binds(tree, undo));
            return machine;
        }
    }

    private Task task(Tree tree) throws IOException {
        Task task = request.task();
        if (request.mode().boot()) {
            return task;
        }
        if (task.command().isEmpty()) {
            task = task.withCommand(LoginShell.of(tree, task.user()));
        }
        ProgramLookup.require(tree, task.command().get(0), task.directory());
        return task;
    }

    private static boolean guest(Tree tree, Emulation emulation) throws IOException {
        Guest guest = Guest.of(tree);
        guest.requireBoots(Interpreters.emulatorVersion(emulation.entry()));
        return guest.systemd().isPresent();
    }

    private List<String> binds(Tree tree, Undo undo) throws IOException {
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

    Streams streams() {
        return request.streams();
    }
}
