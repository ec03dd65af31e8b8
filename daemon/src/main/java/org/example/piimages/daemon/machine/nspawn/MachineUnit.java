package org.example.piimages.daemon.machine.nspawn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.linux.process.Processes;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/** The properties of a machine's transient unit; systemd.exec(5), systemd.service(5), systemd.resource-control(5). */
public final class MachineUnit {

    private static final String ENDED = "/usr/libexec/piimages/machine-ended";
    private static final long STOP_MICROSECONDS = 10_000_000L;
    /** The default stop timeout of a service, DefaultTimeoutStopSec=: a service in the machine may take as long. */
    private static final long SHUTDOWN_MICROSECONDS = 90_000_000L;
    /** A set of exit statuses and signals: nspawn exits with 133 to be started again. */
    private static final Object[] REBOOTS = {new int[] {133}, new int[0]};
    private static final String EXIT_STATUS_SET = "(aiai)";
    /** As in systemd-nspawn@.service. */
    private static final long TASKS_MAX = 16384;

    private MachineUnit() {
    }

    /**
     * Returns the properties by name.
     *
     * @param command the command line of systemd-nspawn
     * @param plain whether the machine has no additional privileges on the host
     */
    public static Map<String, Variant<?>> properties(MachineRecord machine, List<String> command, boolean plain, StandardStreams streams) {
        Map<String, Variant<?>> properties = new LinkedHashMap<>();
        properties.put("Description", new Variant<>("PiImages machine " + machine.name()));
        properties.put("Slice", new Variant<>("machine.slice"));
        // nspawn reports when the machine is set up: a failure before that is a failed start, a later one is the command's.
        properties.put("Type", new Variant<>("notify"));
        properties.put("NotifyAccess", new Variant<>("main"));
        // nspawn writes its messages to the command's standard error, so informational ones are suppressed.
        properties.put("Environment", new Variant<>(new String[] {"SYSTEMD_LOG_LEVEL=warning",
            // The lock would allow only one machine at a time in an image; ImageClaims decides which ones are compatible.
            "SYSTEMD_NSPAWN_LOCK=0"}));
        properties.put("ExecStart", commands(command));
        properties.put("ExecStopPost", commands(ended(machine)));
        // The command leaves the unit's mount namespace at once: most of that need not be set up again, which takes as long as for nspawn.
        properties.put("PermissionsStartOnly", new Variant<>(true));
        properties.put("CollectMode", new Variant<>("inactive-or-failed"));
        properties.put("Delegate", new Variant<>(true));
        properties.put("KillMode", new Variant<>("mixed"));
        properties.put("TimeoutStopUSec", new Variant<>(new UInt64(machine.systemd() ? SHUTDOWN_MICROSECONDS : STOP_MICROSECONDS)));
        if (machine.mode().boot()) {
            // An init may take any time to start; its console and machinectl show what it waits for.
            properties.put("TimeoutStartUSec", new Variant<>(new UInt64(UInt64.MAX_BIG_VALUE)));
            properties.put("RestartForceExitStatus", new Variant<>(REBOOTS, EXIT_STATUS_SET));
            properties.put("SuccessExitStatus", new Variant<>(REBOOTS, EXIT_STATUS_SET));
            // No limit on reboots: systemd would give up, and the mounts that machine-ended kept for the next start would remain.
            properties.put("StartLimitIntervalUSec", new Variant<>(new UInt64(0)));
        }
        properties.put("TasksMax", new Variant<>(new UInt64(TASKS_MAX)));
        properties.put("DevicePolicy", new Variant<>("closed"));
        properties.put("DeviceAllow", new Variant<>(new Object[][] {{"char-pts", "rw"},
            // systemd-nspawn 257 creates this device node in every machine.
            {KernelFilesystems.TUN, "rwm"}}, "a(ss)"));
        MachineSandbox.addTo(properties, machine, plain);
        streams(properties, streams);
        return properties;
    }

    /**
     * Returns the command that cleans up. It unmounts on the host, so it has to run in the host's mount namespace. (A command with the
     * prefix + does not if the unit has TemporaryFileSystem=, and systemd 252 does not read one back that was set by D-Bus.)
     */
    private static List<String> ended(MachineRecord machine) {
        return List.of("/usr/bin/nsenter", "--mount=" + Processes.HOST_MOUNTS, "--", ENDED, machine.name());
    }

    /** Adds the standard streams. For a missing one systemd's default applies: /dev/null for the input, the journal for the others. */
    public static void streams(Map<String, Variant<?>> properties, StandardStreams streams) {
        stream(properties, "StandardInput", streams.input());
        stream(properties, "StandardOutput", streams.output());
        stream(properties, "StandardError", streams.error());
    }

    /**
     * Returns one command of type a(sasb): path, argument vector, and false, because a failure is not ignored. systemd expands variables,
     * so each $ is doubled. (ExecStartEx= has a flag to prevent that, but systemd 252 cannot read such a unit back when it reloads.)
     */
    public static Variant<?> commands(List<String> command) {
        String[] line = command.stream().map(word -> word.replace("$", "$$")).toArray(String[]::new);
        return new Variant<>(new Object[][] {{command.get(0), line, false}}, "a(sasb)");
    }

    private static void stream(Map<String, Variant<?>> properties, String name, Fd fd) {
        if (fd != null) {
            properties.put(name + "FileDescriptor", new Variant<>(new FileDescriptor(fd.number())));
        }
    }
}
