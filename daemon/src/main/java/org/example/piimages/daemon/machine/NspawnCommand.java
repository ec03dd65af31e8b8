package org.example.piimages.daemon.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.image.MachineView;

/**
 * The command line of systemd-nspawn(1) for a machine.
 *
 * <p>Users of the machine are always mapped to a range of their own: root in it is nobody on the host, and what it creates belongs to the
 * image's root. Everything that is not the image's is bound over; nothing in the image is edited.
 */
final class NspawnCommand {

    private static final String NSPAWN = "/usr/bin/systemd-nspawn";
    /**
     * The machine's first process: a static program of the host's that starts the command, passes signals on to it and exits as a shell
     * would, with 128 and the signal's number where one ended it. nspawn's own (--as-pid2) says 255 to all signals.
     */
    private static final String INIT = "/usr/bin/catatonit";
    /** In the machine's own /run, so that the image needs no place for it. */
    static final String INIT_IN_MACHINE = "/run/piimages/init";

    private final List<String> line = new ArrayList<>();

    private NspawnCommand() {
    }

    /**
     * Builds the argument list, the program first.
     *
     * @param privileges what it may do on the host
     * @param task what runs, its command being known
     * @param overlays what of the host is to be seen in the machine in place of the image's own, by its place there
     * @param binds options for what the caller wants bound
     * @param hostName the host name in the machine; empty for the machine's name
     */
    static List<String> of(MachineRecord machine, Privileges privileges, Task task, boolean terminal, MachineView view,
            Map<String, Path> overlays, List<String> binds, String hostName) {
        NspawnCommand command = new NspawnCommand();
        command.addMachine(machine, privileges, view);
        overlays.forEach((target, file) -> command.line.add("--bind-ro=" + escape(file.toString()) + ":" + escape(target)));
        command.line.addAll(binds);
        if (!hostName.isEmpty()) {
            command.line.add("--hostname=" + hostName);
        }
        if (!machine.mode().boot()) {
            // Nobody is there to start services: systemctl(1) says so and ends with 0, as it does in a chroot. The caller's own is later.
            command.line.add("--setenv=SYSTEMD_OFFLINE=1");
        }
        task.environment().forEach(variable -> command.line.add("--setenv=" + variable));
        command.line.add("--bind-ro=" + INIT + ":" + INIT_IN_MACHINE);
        if (machine.mode().boot()) {
            command.addBoot(machine, terminal);
        } else {
            command.addCommand(task, terminal);
        }
        return command.line;
    }

    private void addMachine(MachineRecord machine, Privileges privileges, MachineView view) {
        boolean readOnly = machine.mode().readOnly();
        // On a 64-bit ARM host, what a 32-bit system's own kernel would say of itself.
        if (machine.architecture().startsWith("armv") && machine.interpreter().isEmpty()) {
            line.addAll(List.of("/usr/bin/setarch", "linux32", "--"));
        }
        line.addAll(List.of(NSPAWN, "--quiet", "--keep-unit", "--register=yes",
                // Settings beside the image would be somebody else's options.
                "--settings=no", "--machine=" + machine.name(), "--directory=" + view.root(), "--link-journal=no",
                "--timezone=off", "--resolv-conf=off"));
        line.addAll(privileges.options());
        if (readOnly || view.isRootReadOnly()) {
            line.add("--read-only");
        }
        if (machine.mode().network() == Network.PRIVATE) {
            line.add("--private-network");
        }
        view.others()
                .forEach((place, target) -> line.add((readOnly ? "--bind-ro=" : "--bind=") + escape(place.toString()) + ":" + escape(target)
                        + (privileges.hostUsers() ? "" : ":idmap")));
    }

    private void addBoot(MachineRecord machine, boolean terminal) {
        line.addAll(List.of("--boot", "--kill-signal=SIGPWR", "--console=" + (terminal ? "interactive" : "read-only")));
        if (machine.systemd()) {
            line.addAll(List.of("--notify-ready=yes", "--setenv=SYSTEMD_UNIT_PATH=" + GuestUnits.PLACE + ":"));
        }
        if (!machine.interpreter().isEmpty()) {
            // qemu 9.2 and later: the real-time signals by which machinectl poweroff speaks to systemd keep their numbers.
            line.add("--setenv=QEMU_RTSIG_MAP=36 36 8");
        }
    }

    private void addCommand(Task task, boolean terminal) {
        // Asked to end, nspawn asks the command first; systemd sees to it that it does end.
        line.addAll(List.of("--kill-signal=SIGTERM", "--console=" + (terminal ? "interactive" : "pipe")));
        if (!task.directory().isEmpty()) {
            line.add("--chdir=" + task.directory());
        }
        if (!task.user().isEmpty()) {
            line.add("--user=" + task.user());
        }
        line.addAll(List.of("--", INIT_IN_MACHINE, "--"));
        line.addAll(task.command());
    }

    /** Colons separate the parts of a bind, backslashes escape them. */
    static String escape(String path) {
        return path.replace("\\", "\\\\").replace(":", "\\:");
    }
}
