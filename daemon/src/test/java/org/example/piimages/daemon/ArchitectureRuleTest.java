package org.example.piimages.daemon;

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
    private static final String[] GROUND = {"java..", "org.slf4j..", "org.example.piimages.contract..", "org.example.piimages.libc.."};
    /** The packages that parse images and depend only on their bytes. */
    private static final List<String> PURE = List.of(in("image.disk"), in("image.filesystem"), in("image.table"), in("image.system"));
    private static final String FIRST_BOOT = "org.example.piimages.firstboot..";
    private static final String BUILD = "org.example.piimages.build..";
    private static final String[] BUS_LIBRARY = {"org.example.piimages.dbus..", "org.freedesktop.dbus.."};
    /** The D-Bus types of unit properties. They are part of systemd's interface, and wrapping them would have no benefit. */
    private static final String[] BUS_VALUES = {"org.freedesktop.dbus", "org.freedesktop.dbus.types"};

    @Test
    void busDoesNotUseLinux() {
        check(room("bus", Stream.concat(Stream.of("javax.xml.stream..", in("image"), in("emulation"), in("machine"), in("job"),
                in("diagnosis")),
                Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void gateDoesNotUseBusObjects() {
        check(room("bus.gate", Stream.concat(Stream.of("javax.xml.stream..", in("image"), in("machine"), in("job")),
                Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void imageUsesOnlyLinuxAndJob() {
        check(room("image", Stream.of(in("linux"), in("job"))));
    }

    @Test
    void packagesOfCareUseOnlyLowerLayers() {
        String[] floor = Stream.concat(PURE.stream(), Stream.of(in("image.checksum"), only("image"), only("image.care"), in("job"),
                in("linux"))).toArray(String[]::new);
        check(room("image.care.filesystem", Arrays.stream(floor)));
        check(room("image.care.packing", Arrays.stream(floor)));
        check(room("image.care.card",
                Stream.concat(Stream.of(in("image.care.filesystem"), in("image.care.packing")), Arrays.stream(floor))));
    }

    @Test
    void packagesOfLinuxAreOrdered() {
        check(room("linux.file", Stream.of()));
        check(room("linux.process", Stream.of(in("linux.file"))));
        check(room("linux.mount", Stream.of(in("linux.file"), in("linux.process"))));
        check(room("linux.block", Stream.of(in("linux.file"), in("linux.process"), in("linux.mount"))));
    }

    @Test
    void onlyLinuxUsesLookup() {
        check(noClasses().that().resideOutsideOfPackage(in("linux")).should().dependOnClassesThat().belongToAnyOf(Lookup.class));
    }

    @Test
    void luksUsesOnlyParsersAndLinux() {
        check(room("image.luks", Stream.of(in("image.disk"), in("image.system"), in("linux"))));
    }

    @Test
    void parsersOfImagesArePure() {
        check(room("image.disk", Stream.of()));
        check(room("image.filesystem", Stream.of(in("image.disk"))));
        check(room("image.table", Stream.of(in("image.disk"), in("image.filesystem"))));
        check(room("image.system", PURE.stream()));
        check(noClasses().that().resideInAnyPackage(PURE.toArray(String[]::new)).should().dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "org.slf4j..", "org.example.piimages.libc.."));
    }

    @Test
    void emulationUsesOnlyLinux() {
        check(room("emulation", Stream.of(in("linux"))));
    }

    @Test
    void machineUsesImageEmulationAndLinux() {
        check(room("machine", Stream.concat(Stream.of(in("image"), in("emulation"), in("linux")), Arrays.stream(BUS_VALUES))));
    }

    @Test
    void roomsOfMachineStandOnItsRecord() {
        check(room("machine.record", Stream.of(in("linux"))));
        check(room("machine.guest", Stream.of(in("machine.record"), in("image.disk"), in("emulation"), in("linux"))));
        check(room("machine.nspawn", Stream.concat(Stream.of(in("machine.record"), in("machine.guest"), in("image"), in("linux")),
                Arrays.stream(BUS_VALUES))));
    }

    @Test
    void diagnosisUsesFeaturesAndLinux() {
        check(room("diagnosis", Stream.of(in("image"), in("emulation"), in("machine"), in("linux"))));
    }

    @Test
    void journalUsesOnlyLinux() {
        check(room("journal", Stream.of(in("linux"))));
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
        // The only exception is Streams, which duplicates descriptors and has no effect outside of the process.
        check(noClasses().that().resideOutsideOfPackages(in("linux"), "org.example.piimages.libc..").and().doNotHaveSimpleName("Streams")
                .should().dependOnClassesThat().belongToAnyOf(Libc.class));
    }

    @Test
    void contractAndConnectionDoNotUseDaemon() {
        check(noClasses().that().resideInAnyPackage("org.example.piimages.contract..", "org.example.piimages.dbus..",
                "org.example.piimages.libc..").should().dependOnClassesThat().resideInAPackage("org.example.piimages.daemon.."));
    }

    @Test
    void firstBootUsesOnlyItsLibraries() {
        check(classes().that().resideInAPackage(FIRST_BOOT).should().onlyDependOnClassesThat(inAny(FIRST_BOOT,
                Stream.of("javax.crypto..", "org.yaml.snakeyaml..", "com.fasterxml.jackson.."))));
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
        check(buildRoom("failure"));
        check(buildRoom("cache", "failure"));
        check(buildRoom("image", "failure"));
        check(buildRoom("recipe", "failure"));
        check(buildRoom("download", "failure", "cache"));
        check(buildRoom("fetch", "failure", "cache", "image", "download"));
        check(buildRoom("step", "failure", "cache", "image", "recipe", "download"));
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

    private static ArchRule room(String name, Stream<String> others) {
        return classes().that().resideInAPackage(in(name)).should().onlyDependOnClassesThat(inAny(in(name), others));
    }

    private static ArchRule buildRoom(String name, String... others) {
        String build = BUILD.replace("..", ".");
        String own = build + name + "..";
        return classes().that().resideInAPackage(own).should().onlyDependOnClassesThat(inAny(own, Stream.concat(
                Stream.of("com.fasterxml.jackson.."), Arrays.stream(others).map(other -> build + other + ".."))));
    }

    /** Matches classes in the packages. An array is treated like its component type. */
    private static DescribedPredicate<JavaClass> inAny(String own, Stream<String> others) {
        String[] packages = Stream.of(Stream.of(own), Arrays.stream(GROUND), others).flatMap(all -> all).toArray(String[]::new);
        DescribedPredicate<JavaClass> known = resideInAnyPackage(packages);
        return describe("in " + String.join(", ", packages),
                type -> type.getBaseComponentType().isPrimitive() || known.test(type.getBaseComponentType()));
    }
}
