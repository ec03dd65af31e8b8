package org.example.piimages.daemon.linux.mount;

import java.util.List;
import java.util.stream.Stream;

/** The paths of filesystems that are interfaces to the kernel, which are the same on the host and in every machine; hier(7). */
public final class KernelFilesystems {

    /** Their mount points. */
    public static final List<String> MOUNT_POINTS = List.of("/dev", "/proc", "/sys");
    /** The device by which programs create network interfaces of type tun. */
    public static final String TUN = "/dev/net/tun";

    /** The paths below /proc that change the kernel as a whole. Not all of /proc: a process writes the maps of its user namespace there. */
    private static final List<String> PROC_ENTRIES = List.of("sys", "sys/fs/binfmt_misc", "sysrq-trigger", "acpi", "apm", "asound", "bus",
            "fs", "irq", "latency_stats", "mtrr", "scsi", "timer_stats");
    /** The mount points of control groups: the unified hierarchy, alone or beside others. */
    private static final List<String> CONTROL_GROUPS = List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd");

    /** The kernel's description of the CPUs; proc(5). */
    public static final String CPU_INFO = "/proc/cpuinfo";

    private KernelFilesystems() {
    }

    /**
     * The paths that a service must not be able to write to if it is to leave kernel and devices alone; as in systemd.exec(5), with "-" in
     * front of those that may not exist.
     */
    public static Stream<String> unchangeable() {
        return Stream.concat(Stream.of("/dev", "/sys"), PROC_ENTRIES.stream().map(name -> "-/proc/" + name));
    }

    /** The paths of the control group of a unit in all hierarchies; written as in {@link #unchangeable}. */
    public static Stream<String> controlGroups(String slice, String unit) {
        return CONTROL_GROUPS.stream().map(top -> "-" + top + "/" + slice + "/" + unit);
    }
}
