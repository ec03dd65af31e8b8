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
 * What a machine does before its command: it gives its user namespace a binfmt_misc of its own (Linux 6.7), in which the host's emulators
 * come first and the tools last, for the kernel tries the newest entry first. They are entries of this machine alone, and end with it.
 */
final class StartScript {

    /** Where the machine's binfmt_misc is mounted, in the place of the tools. It has to stay: its entries go with the mount. */
    static final String ENTRIES = "entries";
    /** Where the emulators are seen while they are registered; afterwards the kernel holds them open. */
    static final String EMULATORS = "/run/piimages/emulators/";

    /** What qemu 8.2 and later show emulated programs themselves: the host's tools have to see the same. */
    private static final String SHOWN_CPU_INFO = "/run/piimages/cpuinfo";
    private static final String REGISTER = Relocation.PLACE + "/" + ENTRIES + "/register";
    private static final String TOOL_NAME = "tool-";

    private StartScript() {
    }

    /**
     * The script. It becomes the command, which are its arguments, and leaves the environment as it was. Where the machine may not mount
     * a binfmt_misc the command runs without tools.
     *
     * @param emulators the host's entries that the machine would use without this, the newest first; all have the F flag
     * @param own the one of them that would run the programs that tools stand for
     * @param tools their names, by how the programs begin that they stand for
     * @param showsCpuInfo whether emulated programs see another /proc/cpuinfo than the host's
     */
    static String of(List<BinfmtEntry> emulators, BinfmtEntry own, Map<BytePattern, String> tools, boolean showsCpuInfo) {
        List<String> lines = new ArrayList<>();
        lines.add("if " + Relocation.PLACE + "/mount -t binfmt_misc binfmt_misc " + Relocation.PLACE + "/" + ENTRIES
                + " </dev/null 2>/dev/null; then");
        for (int index = emulators.size() - 1; index >= 0; index--) {
            BinfmtEntry entry = emulators.get(index);
            lines.add(register(new BinfmtRule(entry.name(), entry.pattern(), entry.extension(), EMULATORS + entry.name(), entry.flags()))
                    + " || { echo 'the kernel refuses " + entry.name() + " in this machine' >&2; exit 125; }");
        }
        if (showsCpuInfo) {
            // As the image's own cat, which no tool stands for yet, reads it. Without it there are no tools.
            lines.add("if { /usr/bin/cat " + KernelFilesystems.CPU_INFO + " </dev/null >" + SHOWN_CPU_INFO + " && "
                    + Relocation.PLACE + "/mount --bind " + SHOWN_CPU_INFO + " " + KernelFilesystems.CPU_INFO
                    + " </dev/null; } 2>/dev/null; then");
        }
        lines.addAll(tools(own, tools));
        if (showsCpuInfo) {
            lines.add("fi");
        }
        lines.addAll(List.of("fi", "unset PWD OLDPWD", "exec \"$@\"", ""));
        return String.join("\n", lines);
    }

    /** The flags are those of the emulator's entry, so that the kernel starts a dispatcher as it would start the emulator. */
    private static List<String> tools(BinfmtEntry own, Map<BytePattern, String> tools) {
        List<String> lines = new ArrayList<>();
        int number = 0;
        for (Map.Entry<BytePattern, String> tool : tools.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList()) {
            lines.add(register(new BinfmtRule(TOOL_NAME + number++, Optional.of(tool.getKey()), Optional.empty(),
                    Relocation.PLACE + "/" + Dispatcher.LINKS + "/" + tool.getValue(), own.flags())));
        }
        return lines;
    }

    /** What cannot be registered is emulated; nobody needs to read of it among a command's output. */
    private static String register(BinfmtRule rule) {
        return "{ printf %s '" + rule.registrationLine() + "' >" + REGISTER + "; } 2>/dev/null";
    }
}
