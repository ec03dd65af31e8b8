package org.example.piimages.daemon.linux.mount;

import java.util.List;
import java.util.stream.Stream;

/** Where filesystems are that show the kernel: on the host, and in every machine; hier(7). */
public final class KernelFilesystems {

    /** Their mount points. */
    public static final List<String> MOUNT_POINTS = List.of("/dev", "/proc", "/sys");
    /** The device by which programs make network interfaces of the kind tun. */
    public static final String TUN = "/dev/net/tun";

    /** What changes the kernel as a whole. Not all of /proc: a process writes the maps of its user namespace there. */
    private static final List<String> OF_PROC = List.of("sys", "sys/fs/binfmt_misc", "sysrq-trigger", "acpi", "apm", "asound", "bus", "fs",
            "irq", "latency_stats", "mtrr", "scsi", "timer_stats");
    /** Where control groups are: the unified hierarchy, alone or beside others. */
    private static final List<String> CONTROL_GROUPS = List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd");

    /** What the kernel says of the CPUs; proc(5). */
    public static final String CPU_INFO = "/proc/cpuinfo";

    private KernelFilesystems() {
    }

    /** What a service that is to leave kernel and devices alone must not write to; paths as in systemd.exec(5), "-" where one may lack. */
    public static Stream<String> unchangeable() {
        return Stream.concat(Stream.of("/dev", "/sys"), OF_PROC.stream().map(name -> "-/proc/" + name));
    }

    /** The control group of a unit, wherever the hierarchies are; written as in {@link #unchangeable}. */
    public static Stream<String> controlGroups(String slice, String unit) {
        return CONTROL_GROUPS.stream().map(top -> "-" + top + "/" + slice + "/" + unit);
    }
}
