package org.example.piimages.rules;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.example.piimages.daemon.Main;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.systemd.Machined;
import org.example.piimages.daemon.linux.systemd.Systemd;
import org.example.piimages.libc.Libc;
import org.junit.jupiter.api.Test;

/** Tests the permitted dependencies between packages, as in the table in ARCHITECTURE.md; there are no cycles. */
class ArchitectureRuleTest {

    private static final JavaClasses PRODUCT = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.example.piimages");

    /** The packages that all others may use: the JDK, logging, failures of the contract, file descriptors. */
    private static final String[] FOUNDATION = {"java..", "org.slf4j..", "org.example.piimages.contract..", "org.example.piimages.libc.."};
    /** The packages that parse images and depend only on their bytes. */
    private static final List<String> PURE = List.of(in("image.disk"), in("image.filesystem"), in("image.table"), in("image.system"));
    private static final String FIRST_BOOT = "org.example.piimages.firstboot..";
    private static final List<String> FIRST_BOOT_LIBRARIES = List.of("javax.crypto..", "org.yaml.snakeyaml..", "com.fasterxml.jackson..");
    private static final String BUILD = "org.example.piimages.build..";
    private static final String[] BUS_LIBRARY = {"org.example.piimages.dbus..", "org.freedesktop.dbus.."};
    /** The D-Bus types of unit properties. They are part of systemd's interface, and wrapping them would have no benefit. */
    private static final String[] BUS_VALUES = {"org.freedesktop.dbus", "org.freedesktop.dbus.types"};

    @Test
    void busDoesNotUseLinux() {
        check(packageRule("bus", Stream.concat(Stream.of("javax.xml.stream..", in("image"), in("emulation"), in("machine"), in("job"),
                in("diagnosis")),
                Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void gateDoesNotUseBusObjects() {
        check(packageRule("bus.gate", Stream.concat(Stream.of("javax.xml.stream..", in("image"), in("machine"), in("job")),
                Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void imageUsesOnlyLinuxAndJob() {
        check(packageRule("image", Stream.of(in("linux"), in("job"))));
    }

    @Test
    void roomsOfImageStandOnItsFile() {
        check(packageRule("image.file", Stream.concat(PURE.stream(), Stream.of(in("linux")))));
        check(packageRule("image.attachment", Stream.concat(PURE.stream(), Stream.of(in("image.file"), in("image.luks"), in("linux")))));
        check(packageRule("image.mount", Stream.concat(PURE.stream(), Stream.of(in("image.file"), in("image.attachment"), in("linux")))));
    }

    @Test
    void packagesOfCareUseOnlyLowerLayers() {
        String[] floor = Stream.concat(PURE.stream(), Stream.of(in("image.checksum"), only("image"), in("image.file"),
                in("image.attachment"), in("image.mount"), only("image.care"), in("job"), in("linux"))).toArray(String[]::new);
        check(packageRule("image.care.filesystem", Arrays.stream(floor)));
        check(packageRule("image.care.packing", Arrays.stream(floor)));
        check(packageRule("image.care.card",
                Stream.concat(Stream.of(in("image.care.filesystem"), in("image.care.packing")), Arrays.stream(floor))));
    }

    @Test
    void packagesOfLinuxAreOrdered() {
        check(packageRule("linux.file", Stream.of()));
        check(packageRule("linux.process", Stream.of(in("linux.file"))));
        check(packageRule("linux.mount", Stream.of(in("linux.file"), in("linux.process"))));
        check(packageRule("linux.block", Stream.of(in("linux.file"), in("linux.process"), in("linux.mount"))));
    }

    @Test
    void onlyLinuxUsesLookup() {
        check(noClasses().that().resideOutsideOfPackage(in("linux")).should().dependOnClassesThat().belongToAnyOf(Lookup.class));
    }

    @Test
    void luksUsesOnlyParsersAndLinux() {
        check(packageRule("image.luks", Stream.of(in("image.disk"), in("image.system"), in("linux"))));
    }

    @Test
    void parsersOfImagesArePure() {
        check(packageRule("image.disk", Stream.of()));
        check(packageRule("image.filesystem", Stream.of(in("image.disk"))));
        check(packageRule("image.table", Stream.of(in("image.disk"), in("image.filesystem"))));
        check(packageRule("image.system", PURE.stream()));
        check(noClasses().that().resideInAnyPackage(PURE.toArray(String[]::new)).should().dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "org.slf4j..", "org.example.piimages.libc.."));
    }

    @Test
    void emulationUsesOnlyLinux() {
        check(packageRule("emulation", Stream.of(in("linux"))));
    }

    @Test
    void machineUsesImageEmulationAndLinux() {
        check(packageRule("machine", Stream.concat(Stream.of(in("image"), in("emulation"), in("linux")), Arrays.stream(BUS_VALUES))));
    }

    @Test
    void roomsOfMachineStandOnItsRecord() {
        check(packageRule("machine.record", Stream.of(in("linux"))));
        check(packageRule("machine.guest", Stream.of(in("machine.record"), in("image.disk"), in("emulation"), in("linux"))));
        check(packageRule("machine.nspawn", Stream.concat(Stream.of(in("machine.record"), in("machine.guest"), in("image"), in("linux")),
                Arrays.stream(BUS_VALUES))));
    }

    @Test
    void diagnosisUsesFeaturesAndLinux() {
        check(packageRule("diagnosis", Stream.of(in("image"), in("emulation"), in("machine"), in("linux"))));
    }

    @Test
    void journalUsesOnlyLinux() {
        check(packageRule("journal", Stream.of(in("linux"))));
    }

    @Test
    void linuxUsesOnlyLinuxAndBusInSystemdClients() {
        DescribedPredicate<JavaClass> systemd = belongToAnyOf(Systemd.class, Machined.class);
        check(classes().that().resideInAPackage(in("linux")).and(DescribedPredicate.not(systemd))
                .should().onlyDependOnClassesThat(inAny(in("linux"), Stream.of())));
        check(classes().that(systemd).should().onlyDependOnClassesThat(inAny(in("linux"), Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void nothingUsesMain() {
        check(noClasses().that().doNotBelongToAnyOf(Main.class).should().dependOnClassesThat().belongToAnyOf(Main.class));
    }

    @Test
    void onlyLinuxAndBuildStartProcesses() {
        DescribedPredicate<JavaMethodCall> exec = describe("Runtime.exec",
                call -> call.getName().equals("exec") && call.getTargetOwner().isEquivalentTo(Runtime.class));
        // A build runs as a process of its user, and starts bash and tar like any shell.
        check(noClasses().that().resideOutsideOfPackages(in("linux"), BUILD)
                .should().dependOnClassesThat().belongToAnyOf(ProcessBuilder.class).orShould().callMethodWhere(exec));
    }

    @Test
    void onlyLinuxAndConnectionMakeSystemCalls() {
        // The only exception is StandardStreams, which duplicates descriptors and has no effect outside of the process.
        check(noClasses().that().resideOutsideOfPackages(in("linux"), "org.example.piimages.libc..").and()
                .doNotHaveSimpleName("StandardStreams").should().dependOnClassesThat().belongToAnyOf(Libc.class));
    }

    @Test
    void contractAndConnectionDoNotUseDaemon() {
        check(noClasses().that().resideInAnyPackage("org.example.piimages.contract..", "org.example.piimages.dbus..",
                "org.example.piimages.libc..").should().dependOnClassesThat().resideInAPackage("org.example.piimages.daemon.."));
    }

    @Test
    void firstBootUsesOnlyItsLibraries() {
        check(classes().that().resideInAPackage(FIRST_BOOT).should().onlyDependOnClassesThat(inAny(FIRST_BOOT,
                FIRST_BOOT_LIBRARIES.stream())));
    }

    @Test
    void roomsOfFirstBootStandOnFailures() {
        check(firstBootPackageRule("failure"));
        check(firstBootPackageRule("setting", "failure"));
        check(firstBootPackageRule("syntax", "failure"));
        check(firstBootPackageRule("file", "failure", "setting", "syntax"));
        check(firstBootPackageRule("format", "failure", "setting", "syntax", "file"));
        check(firstBootPackageRule("cloudinit", "failure", "setting", "syntax", "file", "format"));
    }

    @Test
    void buildUsesOnlyContract() {
        check(classes().that().resideInAPackage(BUILD).should().onlyDependOnClassesThat(inAny(BUILD,
                Stream.of("com.fasterxml.jackson.."))));
        check(noClasses().that().resideInAPackage(BUILD).should().dependOnClassesThat().resideInAnyPackage("org.slf4j..",
                "org.example.piimages.libc.."));
    }

    @Test
    void roomsOfBuildStandOnFailures() {
        check(buildPackageRule("failure"));
        check(buildPackageRule("cache", "failure"));
        check(buildPackageRule("image", "failure"));
        check(buildPackageRule("recipe", "failure"));
        check(buildPackageRule("download", "failure", "cache"));
        check(buildPackageRule("fetch", "failure", "cache", "image", "download"));
        check(buildPackageRule("step", "failure", "cache", "image", "recipe", "download"));
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching("org.example.piimages.(**)").should().beFreeOfCycles());
    }

    private static void check(ArchRule rule) {
        rule.check(PRODUCT);
    }

    private static String in(String room) {
        return "org.example.piimages.daemon." + room + "..";
    }

    /** The package without its subpackages. */
    private static String only(String room) {
        return "org.example.piimages.daemon." + room;
    }

    private static ArchRule packageRule(String name, Stream<String> others) {
        return classes().that().resideInAPackage(in(name)).should().onlyDependOnClassesThat(inAny(in(name), others));
    }

    private static ArchRule buildPackageRule(String name, String... others) {
        return modulePackageRule(BUILD, Stream.of("com.fasterxml.jackson.."), name, others);
    }

    private static ArchRule firstBootPackageRule(String name, String... others) {
        return modulePackageRule(FIRST_BOOT, FIRST_BOOT_LIBRARIES.stream(), name, others);
    }

    private static ArchRule modulePackageRule(String module, Stream<String> libraries, String name, String... others) {
        String base = module.replace("..", ".");
        String own = base + name + "..";
        return classes().that().resideInAPackage(own).should().onlyDependOnClassesThat(inAny(own,
                Stream.concat(libraries, Arrays.stream(others).map(other -> base + other + ".."))));
    }

    /** Matches classes in the packages. An array is treated like its component type. */
    private static DescribedPredicate<JavaClass> inAny(String own, Stream<String> others) {
        String[] packages = Stream.of(Stream.of(own), Arrays.stream(FOUNDATION), others).flatMap(all -> all).toArray(String[]::new);
        DescribedPredicate<JavaClass> known = resideInAnyPackage(packages);
        return describe("in " + String.join(", ", packages),
                type -> type.getBaseComponentType().isPrimitive() || known.test(type.getBaseComponentType()));
    }
}
