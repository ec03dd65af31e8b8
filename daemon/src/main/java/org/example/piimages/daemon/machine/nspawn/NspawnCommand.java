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
 * <p>Users of the machine are always mapped to a range of their own: root in it is nobody on the host, and what it creates belongs to the
 * image's root. All that the machine sees is mounted before, by {@code MachineTree}: nspawn gets no option that makes it follow or make a
 * name. What runs is in {@link NspawnSettings}: these arguments anybody can read.
 */
public final class NspawnCommand {

    private static final String NSPAWN = "/usr/bin/systemd-nspawn";
    /**
     * The machine's first process: a static program of the host's that starts the command, passes signals on to it and exits as a shell
     * would, with 128 and the signal's number where one ended it. nspawn's own (--as-pid2) says 255 to all signals.
     */
    public static final String INIT = "/usr/bin/catatonit";
    /** In the machine's own /run, so that the image needs no place for it. */
    public static final String INIT_IN_MACHINE = "/run/piimages/init";

    private final List<String> line = new ArrayList<>();

    private NspawnCommand() {
    }

    /**
     * Builds the argument list, the program first.
     *
     * @param privileges what it may do on the host
     * @param users the machine's; empty where they are the host's
     * @param hostName the host name in the machine; empty for the machine's name
     */
    public static List<String> of(MachineRecord machine, Privileges privileges, Optional<UserRange> users, boolean terminal,
            String hostName) {
        NspawnCommand command = new NspawnCommand();
        command.addMachine(machine, privileges, users);
        boolean boot = machine.mode().boot();
        // Asked to end, nspawn asks the command first; systemd sees to it that it does end.
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
        // On a 64-bit ARM host, what a 32-bit system's own kernel would say of itself.
        if (machine.architecture().startsWith("armv") && machine.interpreter().isEmpty()) {
            line.addAll(List.of("/usr/bin/setarch", "linux32", "--"));
        }
        line.addAll(List.of(NSPAWN, "--quiet", "--keep-unit", "--register=yes",
                // Root's, beside the folder that is given.
                "--settings=trusted", "--machine=" + machine.name(), "--directory=" + machine.file("root"), "--link-journal=no",
                "--timezone=off", "--resolv-conf=off"));
        line.addAll(privileges.options(users));
        if (machine.mode().network() == Network.PRIVATE) {
            line.add("--private-network");
        }
    }

    /** Variables of a machine whose own init runs. */
    public static List<String> initEnvironment(MachineRecord machine) {
        List<String> variables = new ArrayList<>();
        if (machine.systemd()) {
            variables.add("SYSTEMD_UNIT_PATH=" + GuestUnits.PLACE + ":");
        }
        if (!machine.interpreter().isEmpty()) {
            // qemu 9.2 and later: the real-time signals by which machinectl poweroff speaks to systemd keep their numbers.
            variables.add("QEMU_RTSIG_MAP=36 36 8");
        }
        return variables;
    }
}
