package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.emulation.BinfmtEntry;
import org.example.piimages.daemon.emulation.BinfmtFlag;
import org.example.piimages.daemon.emulation.BytePattern;
import org.junit.jupiter.api.Test;

class StartScriptTest {

    private static final BytePattern MAGIC = BytePattern.of(0, new byte[] {0x7f, 'E'}, new byte[0]).orElseThrow();

    private static BinfmtEntry entry(String name) {
        return new BinfmtEntry(name, true, "/usr/bin/" + name, EnumSet.of(BinfmtFlag.PRESERVE_ARGUMENT, BinfmtFlag.FIX_BINARY),
                Optional.of(MAGIC), Optional.empty());
    }

    @Test
    void toolsPrecedeEmulatorsInOrder() {
        List<String> registered =
                StartScript.of(List.of(entry("newer"), entry("older")), entry("older"), Map.of(MAGIC, "sed"), false).lines()
                        .filter(line -> line.startsWith("{ printf")).toList();
        String register = " >/run/piimages/tools/entries/register; } 2>/dev/null";
        assertEquals(3, registered.size());
        assertTrue(registered.get(0).startsWith("{ printf %s ':older:M:0:\\x7f\\x45::/run/piimages/emulators/older:PF'" + register));
        assertTrue(registered.get(1).startsWith("{ printf %s ':newer:M:0:\\x7f\\x45::/run/piimages/emulators/newer:PF'" + register));
        assertEquals("{ printf %s ':tool-0:M:0:\\x7f\\x45::/run/piimages/tools/d/sed:PF'" + register, registered.get(2));
    }

    @Test
    void toolsHaveFlagsOfEmulator() {
        BinfmtEntry own = new BinfmtEntry("qemu-arm", true, "/usr/bin/qemu-arm", EnumSet.allOf(BinfmtFlag.class), Optional.of(MAGIC),
                Optional.empty());
        assertTrue(StartScript.of(List.of(), own, Map.of(MAGIC, "sed"), false).contains("d/sed:POCF'"));
    }

    @Test
    void commandReplacesScript() {
        assertTrue(StartScript.of(List.of(), entry("own"), Map.of(), false).endsWith("unset PWD OLDPWD\nexec \"$@\"\n"));
    }

    @Test
    void registersToolsAfterReadingCpuInfo() {
        String script = StartScript.of(List.of(entry("qemu-arm")), entry("qemu-arm"), Map.of(MAGIC, "cat"), true);
        int shown = script.indexOf("if { /usr/bin/cat /proc/cpuinfo </dev/null >/run/piimages/cpuinfo && ");
        assertTrue(script.indexOf("qemu-arm") < shown && shown < script.indexOf("tool-0"), script);
        assertTrue(script.endsWith("\nfi\nfi\nunset PWD OLDPWD\nexec \"$@\"\n"), script);
    }

    @Test
    void newerEmulatorsShowCpuInfo() {
        assertTrue(ToolTreeBuilder.showsCpuInfo("\0/proc/stat\0/proc/cpuinfo\0".getBytes(StandardCharsets.US_ASCII)));
        assertFalse(ToolTreeBuilder.showsCpuInfo("\0/proc/stat\0/proc/cpuinfos\0".getBytes(StandardCharsets.US_ASCII)));
    }
}
