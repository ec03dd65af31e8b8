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

/** Who may know whom: the table in ARCHITECTURE.md, whose arrows never turn back. */
class ArchitectureRuleTest {

    private static final JavaClasses PRODUCT = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.example.piimages");

    /** What every room stands on: the JDK, the journal, the failures of the contract, file descriptors. */
    private static final String[] GROUND = {"java..", "org.slf4j..", "org.example.piimages.contract..", "org.example.piimages.libc.."};
    /** What an image is, decided by its bytes alone. */
    private static final List<String> PURE = List.of(in("image.disk"), in("image.filesystem"), in("image.table"), in("image.system"));
    private static final String FIRST_BOOT = "org.example.piimages.firstboot..";
    private static final String BUILD = "org.example.piimages.build..";
    private static final String[] BUS_LIBRARY = {"org.example.piimages.dbus..", "org.freedesktop.dbus.."};
    /** The values that a unit's properties are made of: systemd's own vocabulary, which nobody would gain by wrapping. */
    private static final String[] BUS_VALUES = {"org.freedesktop.dbus", "org.freedesktop.dbus.types"};

    @Test
    void busKnowsTheFeaturesAndNotLinux() {
        check(room("bus", Stream.concat(Stream.of("javax.xml.stream..", in("image"), in("emulation"), in("machine"), in("job"),
                in("diagnosis")),
                Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void gateKnowsNoObject() {
        check(room("bus.gate", Stream.concat(Stream.of("javax.xml.stream..", in("image"), in("machine"), in("job")),
                Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void imageKnowsLinuxAlone() {
        check(room("image", Stream.of(in("linux"), in("job"))));
    }

    @Test
    void careOfFilesystemsPackingAndCardsStandOnTheirFloor() {
        String[] floor = Stream.concat(PURE.stream(), Stream.of(in("image.checksum"), only("image"), only("image.care"), in("job"),
                in("linux"))).toArray(String[]::new);
        check(room("image.care.filesystem", Arrays.stream(floor)));
        check(room("image.care.packing", Arrays.stream(floor)));
        check(room("image.care.card",
                Stream.concat(Stream.of(in("image.care.filesystem"), in("image.care.packing")), Arrays.stream(floor))));
    }

    @Test
    void roomsOfLinuxStandOnFiles() {
        check(room("linux.file", Stream.of()));
        check(room("linux.process", Stream.of(in("linux.file"))));
        check(room("linux.mount", Stream.of(in("linux.file"), in("linux.process"))));
        check(room("linux.block", Stream.of(in("linux.file"), in("linux.process"), in("linux.mount"))));
    }

    @Test
    void namesBecomeDescriptorsInLinuxAlone() {
        check(noClasses().that().resideOutsideOfPackage(in("linux")).should().dependOnClassesThat().belongToAnyOf(Lookup.class));
    }

    @Test
    void encryptedPartitionsKnowWhatAnImageIsAndLinux() {
        check(room("image.luks", Stream.of(in("image.disk"), in("image.system"), in("linux"))));
    }

    @Test
    void whatAnImageIsIsDecidedByPureCode() {
        check(room("image.disk", Stream.of()));
        check(room("image.filesystem", Stream.of(in("image.disk"))));
        check(room("image.table", Stream.of(in("image.disk"), in("image.filesystem"))));
        check(room("image.system", PURE.stream()));
        check(noClasses().that().resideInAnyPackage(PURE.toArray(String[]::new)).should().dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "org.slf4j..", "org.example.piimages.libc.."));
    }

    @Test
    void emulationKnowsLinuxAlone() {
        check(room("emulation", Stream.of(in("linux"))));
    }

    @Test
    void machineKnowsImageEmulationAndLinux() {
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
    void diagnosisKnowsTheFeaturesAndLinux() {
        check(room("diagnosis", Stream.of(in("image"), in("emulation"), in("machine"), in("linux"))));
    }

    @Test
    void journalKnowsLinuxAlone() {
        check(room("journal", Stream.of(in("linux"))));
    }

    @Test
    void linuxKnowsNobodyAndSystemdsClientsAloneTheBus() {
        DescribedPredicate<JavaClass> systemd = belongToAnyOf(Systemd.class, Machined.class);
        check(classes().that().resideInAPackage(in("linux")).and(DescribedPredicate.not(systemd))
                .should().onlyDependOnClassesThat(inAny(in("linux"), Stream.of())));
        check(classes().that(systemd).should().onlyDependOnClassesThat(inAny(in("linux"), Arrays.stream(BUS_LIBRARY))));
    }

    @Test
    void nobodyKnowsMain() {
        check(noClasses().that().doNotBelongToAnyOf(Main.class).should().dependOnClassesThat().belongToAnyOf(Main.class));
    }

    @Test
    void processesAreStartedInLinuxAlone() {
        DescribedPredicate<JavaMethodCall> exec = describe("Runtime.exec",
                call -> call.getName().equals("exec") && call.getTargetOwner().isEquivalentTo(Runtime.class));
        // A build is its user's own process, and starts bash and tar as any shell does.
        check(noClasses().that().resideOutsideOfPackages(in("linux"), BUILD)
                .should().dependOnClassesThat().belongToAnyOf(ProcessBuilder.class).orShould().callMethodWhere(exec));
    }

    @Test
    void systemCallsAreMadeInLinuxAndInTheConnectionAlone() {
        // Streams is the one exception: it duplicates descriptors, which reaches nothing outside the process.
        check(noClasses().that().resideOutsideOfPackages(in("linux"), "org.example.piimages.libc..").and().doNotHaveSimpleName("Streams")
                .should().dependOnClassesThat().belongToAnyOf(Libc.class));
    }

    @Test
    void contractAndConnectionKnowNothingOfTheDaemon() {
        check(noClasses().that().resideInAnyPackage("org.example.piimages.contract..", "org.example.piimages.dbus..",
                "org.example.piimages.libc..").should().dependOnClassesThat().resideInAPackage("org.example.piimages.daemon.."));
    }

    @Test
    void firstBootKnowsImagesFoldersAlone() {
        check(classes().that().resideInAPackage(FIRST_BOOT).should().onlyDependOnClassesThat(inAny(FIRST_BOOT,
                Stream.of("javax.crypto..", "org.yaml.snakeyaml..", "com.fasterxml.jackson.."))));
    }

    @Test
    void buildKnowsTheContractAlone() {
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

    /** The package itself, without those below it. */
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

    /** An array is as good as what it is made of. */
    private static DescribedPredicate<JavaClass> inAny(String own, Stream<String> others) {
        String[] packages = Stream.of(Stream.of(own), Arrays.stream(GROUND), others).flatMap(all -> all).toArray(String[]::new);
        DescribedPredicate<JavaClass> known = resideInAnyPackage(packages);
        return describe("in " + String.join(", ", packages),
                type -> type.getBaseComponentType().isPrimitive() || known.test(type.getBaseComponentType()));
    }
}
