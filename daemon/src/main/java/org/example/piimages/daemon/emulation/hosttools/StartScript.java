package org.example.piimages.daemon.emulation.hosttools;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.emulation.BinfmtEntry;
import org.example.piimages.daemon.emulation.BinfmtRule;
import org.example.piimages.daemon.emulation.BytePattern;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;

/**
 * The script that a machine runs before its command: it gives its user namespace its own binfmt_misc (Linux 6.7) and registers the host's
 * emulators first and the tools last, because the kernel tries the newest entry first. These entries exist in this machine only, and
 * disappear with it.
 */
final class StartScript {

    /**
     * The mount point of the machine's binfmt_misc, below the directory of the tools. It has to stay mounted: its entries disappear with
     * the mount.
     */
    static final String ENTRIES = "entries";
    /** The directory of the emulators while they are registered; afterwards the kernel holds them open. */
    static final String EMULATORS = "/run/piimages/emulators/";

    /** Shown by qemu 8.2 and later to emulated programs: the host's tools have to see the same. */
    private static final String SHOWN_CPU_INFO = "/run/piimages/cpuinfo";
    private static final String REGISTER = Relocation.DIRECTORY + "/" + ENTRIES + "/register";
    private static final String TOOL_NAME = "tool-";

    private StartScript() {
    }

    /**
     * Returns the script. It executes the command in its arguments, with an unchanged environment. If the machine may not mount a
     * binfmt_misc, the command runs without tools.
     *
     * @param emulators the host's entries that the machine would use otherwise, the newest first; all have the F flag
     * @param own the one among them that would run the programs that tools replace
     * @param tools the names of the tools, by the beginning of the programs that they replace
     * @param showsCpuInfo whether emulated programs see another /proc/cpuinfo than the host's
     */
    static String of(List<BinfmtEntry> emulators, BinfmtEntry own, Map<BytePattern, String> tools, boolean showsCpuInfo) {
        List<String> lines = new ArrayList<>();
        lines.add("if " + Relocation.DIRECTORY + "/mount -t binfmt_misc binfmt_misc " + Relocation.DIRECTORY + "/" + ENTRIES
                + " </dev/null 2>/dev/null; then");
        for (int index = emulators.size() - 1; index >= 0; index--) {
            BinfmtEntry entry = emulators.get(index);
            lines.add(register(new BinfmtRule(entry.name(), entry.pattern(), entry.extension(), EMULATORS + entry.name(), entry.flags()))
                    + " || { echo 'the kernel refuses " + entry.name() + " in this machine' >&2; exit 125; }");
        }
        if (showsCpuInfo) {
            // Read by the image's own cat, which no tool replaces yet. If this fails, no tools are used.
            lines.add("if { /usr/bin/cat " + KernelFilesystems.CPU_INFO + " </dev/null >" + SHOWN_CPU_INFO + " && "
                    + Relocation.DIRECTORY + "/mount --bind " + SHOWN_CPU_INFO + " " + KernelFilesystems.CPU_INFO
                    + " </dev/null; } 2>/dev/null; then");
        }
        lines.addAll(tools(own, tools));
        if (showsCpuInfo) {
            lines.add("fi");
        }
        lines.addAll(List.of("fi", "unset PWD OLDPWD", "exec \"$@\"", ""));
        return String.join("\n", lines);
    }

    /** Uses the flags of the emulator's entry, so that the kernel starts a dispatcher in the same way as the emulator. */
    private static List<String> tools(BinfmtEntry own, Map<BytePattern, String> tools) {
        List<String> lines = new ArrayList<>();
        int number = 0;
        for (Map.Entry<BytePattern, String> tool : tools.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList()) {
            lines.add(register(new BinfmtRule(TOOL_NAME + number++, Optional.of(tool.getKey()), Optional.empty(),
                    Relocation.DIRECTORY + "/" + Dispatcher.LINKS + "/" + tool.getValue(), own.flags())));
        }
        return lines;
    }

    /** What cannot be registered is emulated; nobody needs to read of it among a command's output. */
    private static String register(BinfmtRule rule) {
        return "{ printf %s '" + rule.registrationLine() + "' >" + REGISTER + "; } 2>/dev/null";
    }
}
