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

/** The transient unit of a machine: its properties, as systemd.exec(5), systemd.service(5) and systemd.resource-control(5) name them. */
public final class MachineUnit {

    private static final String ENDED = "/usr/libexec/piimages/machine-ended";
    private static final long STOP_MICROSECONDS = 10_000_000L;
    /** What systemd itself gives a service to end by default, of which there may be one in the machine. */
    private static final long SHUTDOWN_MICROSECONDS = 90_000_000L;
    /** The exit statuses and signals of a set; nspawn exits with 133 to be started again. */
    private static final Object[] REBOOTS = {new int[] {133}, new int[0]};
    private static final String EXIT_STATUS_SET = "(aiai)";
    /** As systemd-nspawn@.service has it. */
    private static final long TASKS_MAX = 16384;

    private MachineUnit() {
    }

    /**
     * The properties.
     *
     * @param command the command line of systemd-nspawn
     * @param plain whether the machine may do no more on the host than machines may
     */
    public static Map<String, Variant<?>> properties(MachineRecord machine, List<String> command, boolean plain, Streams streams) {
        Map<String, Variant<?>> properties = new LinkedHashMap<>();
        properties.put("Description", new Variant<>("PiImages machine " + machine.name()));
        properties.put("Slice", new Variant<>("machine.slice"));
        // nspawn says when the machine stands: a failure before that is a failed start, one after it the command's own.
        properties.put("Type", new Variant<>("notify"));
        properties.put("NotifyAccess", new Variant<>("main"));
        // nspawn shares the command's standard error: what it says there has to be worth it.
        properties.put("Environment", new Variant<>(new String[] {"SYSTEMD_LOG_LEVEL=warning",
            // It would let one machine at a time into an image; what goes together is for ImageClaims to say.
            "SYSTEMD_NSPAWN_LOCK=0"}));
        properties.put("ExecStart", commands(command));
        properties.put("ExecStopPost", commands(ended(machine)));
        // That leaves the unit's mount namespace at once: most of it need not be made a second time, which takes as long as nspawn's start.
        properties.put("PermissionsStartOnly", new Variant<>(true));
        properties.put("CollectMode", new Variant<>("inactive-or-failed"));
        properties.put("Delegate", new Variant<>(true));
        properties.put("KillMode", new Variant<>("mixed"));
        properties.put("TimeoutStopUSec", new Variant<>(new UInt64(machine.systemd() ? SHUTDOWN_MICROSECONDS : STOP_MICROSECONDS)));
        if (machine.mode().boot()) {
            // An init takes its time; its console and machinectl tell what it waits for.
            properties.put("TimeoutStartUSec", new Variant<>(new UInt64(UInt64.MAX_BIG_VALUE)));
            properties.put("RestartForceExitStatus", new Variant<>(REBOOTS, EXIT_STATUS_SET));
            properties.put("SuccessExitStatus", new Variant<>(REBOOTS, EXIT_STATUS_SET));
            // However often it reboots: systemd would give it up, and nobody would unmount what machine-ended kept for the next start.
            properties.put("StartLimitIntervalUSec", new Variant<>(new UInt64(0)));
        }
        properties.put("TasksMax", new Variant<>(new UInt64(TASKS_MAX)));
        properties.put("DevicePolicy", new Variant<>("closed"));
        properties.put("DeviceAllow", new Variant<>(new Object[][] {{"char-pts", "rw"},
            // systemd 257 makes it in every machine.
            {KernelFilesystems.TUN, "rwm"}}, "a(ss)"));
        MachineSandbox.addTo(properties, machine, plain);
        streams(properties, streams);
        return properties;
    }

    /**
     * What unmounts on the host has to be in the host's mount namespace. (A command with + in front is not, where the unit has filesystems
     * in memory, nor does systemd 252 read one again that it was given by D-Bus.)
     */
    private static List<String> ended(MachineRecord machine) {
        return List.of("/usr/bin/nsenter", "--mount=" + Processes.HOST_MOUNTS, "--", ENDED, machine.name());
    }

    /** Without a descriptor systemd's defaults hold: /dev/null to read from, the journal to write to. */
    public static void streams(Map<String, Variant<?>> properties, Streams streams) {
        stream(properties, "StandardInput", streams.input());
        stream(properties, "StandardOutput", streams.output());
        stream(properties, "StandardError", streams.error());
    }

    /**
     * One command, as a(sasb): path, argument vector, and that a failure counts. systemd would replace variables in it, so each $ is
     * doubled. (ExecStartEx= has a flag against that, and a unit that systemd 252 cannot read again when it reloads.)
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
