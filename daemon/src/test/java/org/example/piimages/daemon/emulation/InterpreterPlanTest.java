package org.example.piimages.daemon.emulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterpreterPlanTest {

    private static final String DEBIAN = "/usr/libexec/qemu-binfmt/arm-binfmt-P";
    private static final String STATIC = "/usr/bin/qemu-arm-static";
    private static final String PLAIN = "/usr/bin/qemu-arm";
    private static final BinfmtEntry ENTRY = entry("qemu-arm", BinfmtEntryTest.QEMU_ARM);
    private static final BinfmtRule RULE = BinfmtRule.parse(BinfmtRuleTest.QEMU_ARM).orElseThrow();

    private final Map<String, Linkage> interpreters = new HashMap<>();
    private boolean sees;

    private static BinfmtEntry entry(String name, String text) {
        return BinfmtEntry.parse(name, text).orElseThrow();
    }

    private static BinfmtEntry entryWithout(String flag) {
        return entry("qemu-arm", BinfmtEntryTest.QEMU_ARM.replace("flags: POF", "flags: " + "POF".replace(flag, "")));
    }

    private InterpreterPlan plan(Architecture host, Architecture image, boolean hostRuns32Bit, List<BinfmtEntry> entries,
            List<BinfmtRule> rules) {
        return InterpreterPlan.of(new InterpreterFacts(image, new ElfBuilder(image).bytes(), host, hostRuns32Bit, entries, rules,
                interpreters, path -> sees));
    }

    private InterpreterPlan armOnPc(List<BinfmtEntry> entries, List<BinfmtRule> rules) {
        return plan(Architecture.X86_64, Architecture.ARM, false, entries, rules);
    }

    private static void assertRegisters(String lineEnd, boolean replaces, InterpreterPlan plan) {
        InterpreterPlan.Register register = assertInstanceOf(InterpreterPlan.Register.class, plan);
        assertEquals("piimages-arm", register.name());
        assertTrue(register.line().startsWith(":piimages-arm:M:0:"), register.line());
        assertTrue(register.line().endsWith(lineEnd), register.line());
        assertEquals(replaces, register.replaces());
    }

    @Test
    void entryWithFixedStaticInterpreterIsUsed() {
        interpreters.put(DEBIAN, Linkage.STATIC);
        assertEquals(new InterpreterPlan.Existing(ENTRY), armOnPc(List.of(ENTRY), List.of(RULE)));
    }

    @Test
    void fixedEntryOfDeletedFileIsUsed() {
        assertEquals(new InterpreterPlan.Existing(ENTRY), armOnPc(List.of(ENTRY), List.of()));
    }

    @Test
    void entryWithoutFixFlagIsReplacedByOwn() {
        interpreters.put(DEBIAN, Linkage.STATIC);
        assertRegisters(":" + DEBIAN + ":POF", false, armOnPc(List.of(entryWithout("F")), List.of(RULE)));
    }

    @Test
    void bindsInterpreterIfNoRuleIsUsable() {
        interpreters.put(DEBIAN, Linkage.STATIC);
        assertEquals(new InterpreterPlan.ExistingBound(entryWithout("F"), DEBIAN), armOnPc(List.of(entryWithout("F")), List.of()));
    }

    @Test
    void entryOfDeletedInterpreterIsReplacedByOwn() {
        interpreters.put(STATIC, Linkage.STATIC);
        assertRegisters(":" + STATIC + ":F", false, armOnPc(List.of(entryWithout("F")), List.of()));
    }

    @Test
    void disabledEntryIsNotUsed() {
        interpreters.put(DEBIAN, Linkage.STATIC);
        BinfmtEntry disabled = entry("qemu-arm", BinfmtEntryTest.QEMU_ARM.replace("enabled", "disabled"));
        assertRegisters(":" + DEBIAN + ":POF", false, armOnPc(List.of(disabled), List.of(RULE)));
    }

    @Test
    void dynamicInterpreterIsNeverUsed() {
        for (Linkage linkage : List.of(Linkage.DYNAMIC, Linkage.UNKNOWN)) {
            interpreters.put(DEBIAN, linkage);
            interpreters.put(PLAIN, linkage);
            for (BinfmtEntry entry : List.of(ENTRY, entryWithout("F"))) {
                InterpreterPlan.Missing missing = assertInstanceOf(InterpreterPlan.Missing.class, armOnPc(List.of(entry), List.of(RULE)));
                assertTrue(missing.message().contains(DEBIAN + " is not statically linked"), missing.message());
            }
        }
        interpreters.put(STATIC, Linkage.STATIC);
        assertRegisters(":" + STATIC + ":F", false, armOnPc(List.of(ENTRY), List.of(RULE)));
    }

    @Test
    void firstMatchingEntryDecides() {
        BinfmtEntry broken = entry("other", BinfmtEntryTest.QEMU_ARM.replace(DEBIAN, "/gone").replace("POF", "PO"));
        interpreters.put(DEBIAN, Linkage.STATIC);
        assertEquals(new InterpreterPlan.Existing(ENTRY), armOnPc(List.of(ENTRY, broken), List.of(RULE)));
        assertRegisters(":" + DEBIAN + ":POF", false, armOnPc(List.of(broken, ENTRY), List.of(RULE)));
    }

    @Test
    void entriesForOtherProgramsAreIgnored() {
        BinfmtEntry other = entry("qemu-aarch64", BinfmtEntryTest.QEMU_ARM.replace("4c4601", "4c4602").replace("2800", "b700"));
        assertInstanceOf(InterpreterPlan.Missing.class, armOnPc(List.of(other), List.of()));
    }

    @Test
    void ownEntryIsReused() {
        interpreters.put(STATIC, Linkage.STATIC);
        BinfmtEntry own = entry("piimages-arm", BinfmtEntryTest.QEMU_ARM.replace(DEBIAN, STATIC).replace("POF", "F"));
        assertEquals(new InterpreterPlan.Existing(own), armOnPc(List.of(own, ENTRY), List.of()));
    }

    @Test
    void unusableOwnEntryIsReplaced() {
        interpreters.put(STATIC, Linkage.STATIC);
        BinfmtEntry disabled = entry("piimages-arm", BinfmtEntryTest.QEMU_ARM.replace("enabled", "disabled"));
        assertRegisters(":" + STATIC + ":F", true, armOnPc(List.of(disabled), List.of()));
    }

    @Test
    void ownEntryHasNoCredentialsFlag() {
        interpreters.put(DEBIAN, Linkage.STATIC);
        BinfmtRule rule = BinfmtRule.parse(BinfmtRuleTest.QEMU_ARM + "C").orElseThrow();
        assertRegisters(":POF", false, armOnPc(List.of(), List.of(rule)));
    }

    @Test
    void addsFixFlagToRule() {
        interpreters.put(DEBIAN, Linkage.STATIC);
        BinfmtRule rule = BinfmtRule.parse(BinfmtRuleTest.QEMU_ARM.replace(":OPF", ":P")).orElseThrow();
        assertRegisters(DEBIAN + ":PF", false, armOnPc(List.of(), List.of(rule)));
    }

    @Test
    void ruleMatchingHostProgramsIsNotUsed() {
        interpreters.put("/everything", Linkage.STATIC);
        BinfmtRule everything = BinfmtRule.parse(":elf:M::\\x7fELF::/everything:F").orElseThrow();
        assertInstanceOf(InterpreterPlan.Missing.class, armOnPc(List.of(), List.of(everything)));
    }

    /** A kernel may be configured not to, for example by ia32_emulation=0. */
    @Test
    void narrowProgramsAreNativeIfKernelExecutesThem() {
        assertInstanceOf(InterpreterPlan.Native.class, plan(Architecture.X86_64, Architecture.X86, true, List.of(), List.of()));
        assertInstanceOf(InterpreterPlan.Missing.class, plan(Architecture.X86_64, Architecture.X86, false, List.of(), List.of()));
        assertInstanceOf(InterpreterPlan.Missing.class, plan(Architecture.X86_64, Architecture.ARM, true, List.of(), List.of()));
    }

    @Test
    void missingEmulatorNamesThePackage() {
        InterpreterPlan.Missing missing = assertInstanceOf(InterpreterPlan.Missing.class, armOnPc(List.of(), List.of(RULE)));
        assertEquals("qemu-user-static", missing.packageName());
        assertEquals("the image is for armv7l, this host is x86_64, and no emulator for it is installed; install the package "
                + "qemu-user-static, or qemu-user-binfmt if there is no such package", missing.message());
    }

    @Test
    void plainNameIsUsedIfStatic() {
        interpreters.put(PLAIN, Linkage.STATIC);
        assertRegisters(":" + PLAIN + ":F", false, armOnPc(List.of(), List.of()));
    }

    @Test
    void sameArchitectureIsNative() {
        for (Architecture architecture : Architecture.values()) {
            architecture.emulatorPaths().forEach(path -> interpreters.put(path, Linkage.STATIC));
            assertEquals(new InterpreterPlan.Native(Optional.empty()), plan(architecture, architecture, false, List.of(), List.of()));
        }
    }

    @Test
    void interceptorOfNativeProgramsIsReported() {
        assertEquals(new InterpreterPlan.Native(Optional.of(ENTRY)),
                plan(Architecture.AARCH64, Architecture.ARM, true, List.of(ENTRY), List.of()));
    }

    @Test
    void arm64HostWithout32BitNeedsEmulator() {
        interpreters.put(STATIC, Linkage.STATIC);
        assertRegisters(":" + STATIC + ":F", false, plan(Architecture.AARCH64, Architecture.ARM, false, List.of(), List.of()));
        assertInstanceOf(InterpreterPlan.Native.class, plan(Architecture.AARCH64, Architecture.ARM, true, List.of(), List.of()));
    }

    @Test
    void registeredRulesNeverMatchHost() {
        for (Architecture host : Architecture.values()) {
            for (Architecture image : Architecture.values()) {
                image.emulatorPaths().forEach(path -> interpreters.put(path, Linkage.STATIC));
                if (plan(host, image, false, List.of(), List.of()) instanceof InterpreterPlan.Register register) {
                    assertFalse(BinfmtRule.parse(register.line()).orElseThrow().matches(new ElfBuilder(host).bytes()));
                }
            }
        }
    }

    /** busybox, for example, selects its applet by argv[0]. */
    @Test
    void emulatorDetectingFlagPreservesFirstArgument() {
        sees = true;
        interpreters.put(STATIC, Linkage.STATIC);
        assertRegisters(":" + STATIC + ":PF", false, plan(Architecture.AARCH64, Architecture.ARM, false, List.of(), List.of()));
    }

    @Test
    void programWithOtherAbiVersionHasNoHandler() {
        interpreters.put(STATIC, Linkage.STATIC);
        byte[] program = new ElfBuilder(Architecture.ARM).byteAt(8, 7).bytes();
        InterpreterPlan.Missing missing = assertInstanceOf(InterpreterPlan.Missing.class,
                InterpreterPlan.of(new InterpreterFacts(Architecture.ARM, program, Architecture.X86_64, false, List.of(), List.of(),
                        interpreters, path -> false)));
        assertTrue(missing.message().contains("no binfmt rule for " + STATIC), missing.message());
    }
}
