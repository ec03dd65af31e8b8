package org.example.piimages.daemon.machine.nspawn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.machine.guest.GuestUnits;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.Network;

/**
 * The command line of systemd-nspawn(1) for a machine.
 *
 * <p>Unless its {@link Privileges} say otherwise, the machine's users are mapped to their own range: its root has no rights on the host,
 * and files that it creates belong to the image's root. All mounts of the machine are made before, by {@code MachineTree}, and no option
 * makes nspawn resolve or create a path in the image. The command is in {@link NspawnSettings}, because any user can read these arguments.
 */
public final class NspawnCommand {

    private static final String NSPAWN = "/usr/bin/systemd-nspawn";
    /**
     * The machine's first process: a static program of the host that starts the command, forwards signals to it and exits like a shell,
     * with 128 plus the signal's number if a signal terminated it. nspawn's own (--as-pid2) exits with 255 for every signal.
     */
    public static final String INIT = "/usr/bin/catatonit";
    /** Its path in the machine, on the machine's own /run, so that the image needs no mount point for it. */
    public static final String INIT_IN_MACHINE = "/run/piimages/init";

    private final List<String> line = new ArrayList<>();

    private NspawnCommand() {
    }

    /**
     * Returns the command line.
     *
     * @param privileges the machine's additional privileges on the host
     * @param users the machine's user IDs; empty if they are the host's
     * @param terminal whether the command runs on a terminal
     * @param hostName the host name in the machine; empty for the machine's name
     */
    public static List<String> of(MachineRecord machine, Privileges privileges, Optional<UserRange> users, boolean terminal,
            String hostName) {
        NspawnCommand command = new NspawnCommand();
        command.addMachine(machine, privileges, users);
        boolean boot = machine.mode().boot();
        // On a stop request, nspawn first sends this signal to the command or init; systemd enforces the end after a timeout.
        command.line.addAll(List.of("--kill-signal=" + (boot ? "SIGPWR" : "SIGTERM"),
                "--console=" + (terminal ? "interactive" : boot ? "read-only" : "pipe")));
        if (!hostName.isEmpty()) {
            command.line.add("--hostname=" + hostName);
        }
        if (machine.systemd()) {
            command.line.add("--notify-ready=yes");
        }
        return command.line;
    }

    private void addMachine(MachineRecord machine, Privileges privileges, Optional<UserRange> users) {
        // On a 64-bit ARM host, uname(2) has to report what the kernel of a 32-bit system would.
        if (machine.architecture().startsWith("armv") && machine.interpreter().isEmpty()) {
            line.addAll(List.of("/usr/bin/setarch", "linux32", "--"));
        }
        line.addAll(List.of(NSPAWN, "--quiet", "--keep-unit", "--register=yes",
                // The settings are in a file of root, next to the directory.
                "--settings=trusted", "--machine=" + machine.name(), "--directory=" + machine.file("root"), "--link-journal=no",
                "--timezone=off", "--resolv-conf=off"));
        line.addAll(privileges.options(users));
        if (machine.mode().network() == Network.PRIVATE) {
            line.add("--private-network");
        }
    }

    /** Returns the environment variables, NAME=VALUE, for the init of a machine. */
    public static List<String> initEnvironment(MachineRecord machine) {
        List<String> variables = new ArrayList<>();
        if (machine.systemd()) {
            variables.add("SYSTEMD_UNIT_PATH=" + GuestUnits.DIRECTORY + ":");
        }
        if (!machine.interpreter().isEmpty()) {
            // Makes qemu 9.2 and later keep the numbers of the real-time signals that machinectl poweroff sends to systemd.
            variables.add("QEMU_RTSIG_MAP=36 36 8");
        }
        return variables;
    }
}
