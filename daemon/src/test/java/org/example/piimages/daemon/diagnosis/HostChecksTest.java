package org.example.piimages.daemon.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostChecksTest {

    private static final Set<String> PROGRAMS = HostChecks.PROGRAMS.stream().map(RequiredProgram::name).collect(Collectors.toSet());
    private static final Map<String, String> LOADED = Map.of(HostChecks.MACHINED, "loaded", HostChecks.POLKIT, "loaded");
    private static final HostFacts DEBIAN = host("6.1.0-38-amd64", Set.of("ext4", "vfat"), true, LOADED, PROGRAMS);

    private static HostFacts host(String kernel, Set<String> filesystems, boolean modules, Map<String, String> units,
            Set<String> programs) {
        return new HostFacts(kernel, filesystems, modules, Optional.empty(), true, 10000, 4096, false, false, OptionalInt.of(252),
                units, programs);
    }

    private static HostFacts arm(int pageSize, boolean runs32Bit) {
        return new HostFacts("6.6.20", Set.of("ext4", "vfat"), true, Optional.empty(), true, 10000, pageSize, true, runs32Bit,
                OptionalInt.of(252),
                LOADED, PROGRAMS);
    }

    private static Finding only(HostFacts facts) {
        List<Finding> wrong = HostChecks.of(facts).stream().filter(finding -> finding.severity() != Severity.OK).toList();
        assertEquals(1, wrong.size(), wrong.toString());
        return wrong.get(0);
    }

    private static void assertFinding(String check, Severity severity, String remedy, Finding finding) {
        assertEquals(check, finding.check());
        assertEquals(severity, finding.severity());
        assertTrue(finding.remedy().contains(remedy), finding.toString());
    }

    @Test
    void reportsNoProblemOnDebian() {
        assertEquals(Set.of(Severity.OK), HostChecks.of(DEBIAN).stream().map(Finding::severity).collect(Collectors.toSet()));
    }

    @Test
    void namesOfChecksAreUnique() {
        List<String> names = HostChecks.of(arm(4096, true)).stream().map(Finding::check).toList();
        assertEquals(names.size(), Set.copyOf(names).size(), names.toString());
    }

    @ParameterizedTest
    @CsvSource({"6.1.0-38-amd64, requires an x86-64 host and Linux 6.7", "6.12.0, use the host's", "10.0-rc1, use the host's"})
    void reportsUseOfHostTools(String release, String text) {
        assertTrue(HostChecks.of(host(release, Set.of("ext4", "vfat"), true, LOADED, PROGRAMS)).stream()
                .anyMatch(finding -> finding.check().equals("host-tools") && finding.text().contains(text)));
    }

    @ParameterizedTest
    @CsvSource({"5.11.0, PROBLEM", "4.19.0-27-arm64, PROBLEM", "weird, WARNING"})
    void reportsOldKernels(String release, Severity severity) {
        assertFinding("kernel", severity, "", only(host(release, Set.of("ext4", "vfat"), true, LOADED, PROGRAMS)));
    }

    @Test
    void acceptsLinux512() {
        Finding finding = HostChecks.of(host("5.12.0", Set.of(), true, LOADED, PROGRAMS)).get(0);
        assertFinding("kernel", Severity.OK, "", finding);
    }

    @Test
    void reportsModuleOfMissingFilesystem() {
        assertFinding("filesystem-vfat", Severity.PROBLEM, "modprobe vfat", only(host("6.1.0", Set.of("ext4"), true, LOADED, PROGRAMS)));
    }

    @Test
    void recommendsRebootIfModulesWereRemoved() {
        assertFinding("filesystem-ext4", Severity.PROBLEM, "reboot", only(host("6.1.0", Set.of("vfat"), false, LOADED, PROGRAMS)));
    }

    @ParameterizedTest
    @CsvSource({"masked, unmask", "not-found, systemd-container", "error, systemctl status"})
    void reportsWhyUnitCannotStart(String state, String remedy) {
        Map<String, String> units = Map.of(HostChecks.MACHINED, state, HostChecks.POLKIT, "loaded");
        assertFinding("machined", Severity.PROBLEM, remedy, only(host("6.1.0", Set.of("ext4", "vfat"), true, units, PROGRAMS)));
    }

    @ParameterizedTest
    @CsvSource({"systemd-nspawn, PROBLEM, systemd-container", "catatonit, PROBLEM, catatonit", "e2fsck, WARNING, e2fsprogs"})
    void reportsPackageOfMissingProgram(String program, Severity severity, String debianPackage) {
        Set<String> others = PROGRAMS.stream().filter(name -> !name.equals(program)).collect(Collectors.toSet());
        assertFinding("program-" + program, severity, debianPackage, only(host("6.1.0", Set.of("ext4", "vfat"), true, LOADED, others)));
    }

    @ParameterizedTest
    @CsvSource({"16384, kernel8.img", "4096, ''"})
    void reportsWhetherPageSizePrevents32Bit(int pageSize, String remedy) {
        assertFinding("arm-32-bit", Severity.WARNING, remedy, only(arm(pageSize, false)));
    }

    @Test
    void reportsFailureOfLoopDevice() {
        Optional<String> failure = Optional.of("cannot open /dev/loop0: Operation not permitted");
        for (boolean modules : new boolean[] {true, false}) {
            HostFacts none = new HostFacts("6.1.0", Set.of("ext4", "vfat"), modules, failure, true, 10000, 4096, false, false,
                    OptionalInt.of(252), LOADED, PROGRAMS);
            Finding finding = only(none);
            assertFinding("loop", Severity.PROBLEM, modules ? "" : "reboot", finding);
            assertEquals("no image can be mounted: " + failure.get(), finding.text());
        }
    }

    @Test
    void reportsMissingSystemd() {
        HostFacts none = new HostFacts("6.1.0", Set.of("ext4", "vfat"), true, Optional.empty(), true, 10000, 4096, false, false,
                OptionalInt.empty(), LOADED, PROGRAMS);
        assertFinding("systemd", Severity.PROBLEM, "systemd", only(none));
    }

    @Test
    void skipsTrialAfterProblem() {
        assertTrue(HostChecks.mayStartMachines(HostChecks.of(DEBIAN)));
        Set<String> withoutNspawn = PROGRAMS.stream().filter(name -> !name.equals("systemd-nspawn")).collect(Collectors.toSet());
        assertFalse(HostChecks.mayStartMachines(
                HostChecks.of(host("6.1.0", Set.of("ext4", "vfat"), true, LOADED, withoutNspawn))));
        assertFalse(HostChecks.mayStartMachines(HostChecks.of(host("6.1.0", Set.of("vfat"), true, LOADED, PROGRAMS))));
        assertTrue(HostChecks.mayStartMachines(HostChecks.of(host("6.1.0", Set.of("ext4"), true, LOADED, PROGRAMS))));
    }

    @Test
    void reportsReasonOfFailedTrial() {
        assertFinding("machine", Severity.PROBLEM, "", HostChecks.machine(Optional.of("it crashed")));
        assertTrue(HostChecks.machine(Optional.of("it crashed")).text().endsWith(": it crashed"));
        assertEquals(Severity.OK, HostChecks.machine(Optional.empty()).severity());
    }
}
