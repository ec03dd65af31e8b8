package org.example.piimages.daemon.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.emulation.hosttools.HostTools;
import org.example.piimages.daemon.linux.process.Kernel;

/** Derives findings from a {@link HostFacts}. */
final class HostChecks {

    /** The filesystems of Raspberry Pi images. */
    static final List<String> FILESYSTEMS = List.of("ext4", "vfat");
    static final String MACHINED = "systemd-machined.service";
    static final String POLKIT = "polkit.service";
    static final List<String> UNITS = List.of(MACHINED, POLKIT);
    static final List<RequiredProgram> PROGRAMS = List.of(
            new RequiredProgram("systemd-nspawn", "systemd-container", "no command can be run in an image, and no image can be booted",
                    Severity.PROBLEM),
            new RequiredProgram("catatonit", "catatonit", "no command can be run in an image", Severity.PROBLEM),
            new RequiredProgram("pkttyagent", "polkitd", "on a terminal, it is not possible to ask for a password", Severity.WARNING),
            new RequiredProgram("e2fsck", "e2fsprogs", "ext4 filesystems can be neither checked nor resized", Severity.WARNING),
            new RequiredProgram("resize2fs", "e2fsprogs", "ext4 filesystems cannot be resized", Severity.WARNING),
            new RequiredProgram("fsck.fat", "dosfstools", "boot partitions cannot be checked", Severity.WARNING),
            unpacker("xz", "xz-utils"), unpacker("zstd", "zstd"), unpacker("bzip2", "bzip2"), unpacker("unzip", "unzip"));

    /** Linux 5.12 introduced idmapped mounts, with which machines have UID ranges of their own without changing the image. */
    private static final int OLDEST_MAJOR = 5;
    private static final int OLDEST_MINOR = 12;
    /** The first version that supports all unit properties that the daemon sets; the package depends on it too. */
    private static final int OLDEST_SYSTEMD = 250;
    private static final int DEFAULT_PAGE_SIZE = 4096;
    /** The checks without which no machine can start, so that no trial is made. */
    private static final Set<String> NEEDED_BY_MACHINES =
            Set.of("kernel", "loop", "user-namespaces", "filesystem-ext4", "systemd", "machined",
                    "program-systemd-nspawn", "program-catatonit");

    private final HostFacts host;

    private HostChecks(HostFacts host) {
        this.host = host;
    }

    private static RequiredProgram unpacker(String name, String debianPackage) {
        return new RequiredProgram(name, debianPackage, "images cannot be unpacked or packed with it", Severity.WARNING);
    }

    /** Returns one finding for each check, that of the kernel first. */
    static List<Finding> of(HostFacts host) {
        HostChecks checks = new HostChecks(host);
        List<Finding> findings = new ArrayList<>(List.of(checks.kernel(), checks.loopDevices(), checks.userNamespaces()));
        FILESYSTEMS.forEach(type -> findings.add(checks.filesystem(type)));
        findings.addAll(List.of(checks.systemd(), checks.unit("machined", MACHINED, "systemd-container",
                "machines cannot be registered, so nothing runs in images"),
                checks.unit("polkit", POLKIT, "polkitd",
                        "only root is authorised")));
        PROGRAMS.forEach(program -> findings.add(program.finding(host.programs().contains(program.name()))));
        findings.add(checks.binfmtMisc());
        if (host.arm64()) {
            findings.add(checks.thirtyTwoBit());
        } else {
            findings.add(checks.hostTools());
        }
        return findings;
    }

    /** Whether none of the findings prevents machines from starting. */
    static boolean mayStartMachines(List<Finding> findings) {
        return findings.stream()
                .noneMatch(finding -> finding.severity() == Severity.PROBLEM && NEEDED_BY_MACHINES.contains(finding.check()));
    }

    /**
     * The finding of the trial.
     *
     * @param failure the reason why no machine could be started; empty if one ran
     */
    static Finding machine(Optional<String> failure) {
        return failure.map(reason -> Finding.problem("machine", "no command can be run in an image: " + reason, ""))
                .orElseGet(() -> Finding.ok("machine", "a command was run in a small image"));
    }

    private Finding kernel() {
        String text = "the kernel is " + host.kernel();
        if (!Kernel.isAtLeast(host.kernel(), 0, 0)) {
            return Finding.warning("kernel", text + ", which is not a known release", "");
        }
        boolean recent = Kernel.isAtLeast(host.kernel(), OLDEST_MAJOR, OLDEST_MINOR);
        return recent ? Finding.ok("kernel", text) : Finding.problem("kernel", text + ": nothing can be run in images without idmapped"
                + " mounts, which require " + OLDEST_MAJOR + "." + OLDEST_MINOR, "upgrade the kernel");
    }

    /** Whether host tools are used. Without them emulation is slower, which is not a problem. */
    private Finding hostTools() {
        return Finding.ok("host-tools", !host.arm64() && HostTools.isSupportedBy(host.kernel())
                ? "emulated images of this host's Debian release use the host's dpkg, tar and the like"
                : "emulated images do not use the host's dpkg, tar and the like: this requires an x86-64 host and Linux 6.7");
    }

    /** Whether loop devices work. The remedy is in the failure message, unless no module can be loaded at all. */
    private Finding loopDevices() {
        return host.loopFailure().map(failure -> Finding.problem("loop", "no image can be mounted: " + failure,
                host.modulesFound() ? "" : modules("loop")))
                .orElseGet(() -> Finding.ok("loop", "a loop device was attached and read"));
    }

    private Finding userNamespaces() {
        return host.userNamespaces() > 0 ? Finding.ok("user-namespaces", "user namespaces are allowed")
                : Finding.problem("user-namespaces", "user namespaces are not allowed: only root can mount images, and nothing"
                        + " can be run in them", "set user.max_user_namespaces in /etc/sysctl.d to 10000 or so, and run: sysctl --system");
    }

    private Finding filesystem(String type) {
        String check = "filesystem-" + type;
        if (host.filesystems().contains(type)) {
            return Finding.ok(check, "the kernel mounts " + type);
        }
        String what = type.equals("vfat") ? "boot partitions cannot be mounted; use --no-boot to omit them"
                : "the root of most images cannot be mounted";
        return Finding.problem(check, "the kernel does not mount " + type + ": " + what, modules(type));
    }

    /** The remedy for a missing module. After an upgrade that removed those of the running kernel, none can be loaded before a reboot. */
    private String modules(String module) {
        return host.modulesFound() ? "run: modprobe " + module + "; or use a kernel that has the module " + module
                : "the modules of the running kernel are not installed: reboot into the installed one, or use one that has " + module;
    }

    private Finding systemd() {
        if (host.systemd().isEmpty()) {
            return Finding.problem("systemd", "systemd is not on the bus: images can be mounted, but nothing runs in them",
                    "use a host that was booted with systemd");
        }
        String text = "systemd is version " + host.systemd().getAsInt();
        return host.systemd().getAsInt() >= OLDEST_SYSTEMD ? Finding.ok("systemd", text)
                : Finding.problem("systemd", text + ": nothing can be run in images", "upgrade it to " + OLDEST_SYSTEMD + " or newer");
    }

    private Finding unit(String check, String unit, String debianPackage, String purpose) {
        String state = host.units().getOrDefault(unit, "not-found");
        return switch (state) {
            case "loaded" -> Finding.ok(check, unit + " can be started");
            case "masked" -> Finding.problem(check, unit + " is masked: " + purpose, "run: systemctl unmask " + unit);
            case "not-found" -> Finding.problem(check, unit + " is not installed: " + purpose, "install the package " + debianPackage);
            default -> Finding.problem(check, unit + " cannot be loaded (" + state + "): " + purpose, "see: systemctl status " + unit);
        };
    }

    private Finding binfmtMisc() {
        return host.binfmtMisc() ? Finding.ok("binfmt-misc", "binfmt_misc is mounted")
                : Finding.problem("binfmt-misc", "the kernel has no binfmt_misc: programs of other CPUs cannot be run",
                        modules("binfmt_misc"));
    }

    private Finding thirtyTwoBit() {
        String pages = "the page size is " + host.pageSize() + " bytes";
        if (host.runs32Bit()) {
            return Finding.ok("arm-32-bit", "this CPU and kernel run 32-bit programs; " + pages);
        }
        boolean unusual = host.pageSize() != DEFAULT_PAGE_SIZE;
        return Finding.warning("arm-32-bit", "this " + (unusual ? "kernel" : "CPU") + " does not run 32-bit programs, so 32-bit images need"
                + " an emulator; " + pages,
                unusual ? "on a Raspberry Pi 5, set kernel=kernel8.img in config.txt to boot the kernel with 4096-byte pages" : "");
    }
}
