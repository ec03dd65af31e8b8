package org.example.piimages.daemon.emulation;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes an {@link InterpreterPlan}.
 *
 * <p>A dynamically linked interpreter never works in a container: with the F flag the kernel opens the interpreter itself, but its loader
 * and libraries are looked up inside, where they are missing or, worse, the image's own. So only what is certainly static is used.
 */
final class InterpreterChoice {

    private final InterpreterSituation situation;
    private final byte[] program;
    private final byte[] hostProgram;

    InterpreterChoice(InterpreterSituation situation) {
        this.situation = situation;
        this.program = situation.program();
        this.hostProgram = ProgramPattern.header(situation.host());
    }

    InterpreterPlan choose() {
        // The kernel takes the first enabled entry that matches and looks no further, however broken that is.
        Optional<BinfmtEntry> first = situation.entries().stream().filter(entry -> entry.enabled() && entry.matches(program)).findFirst();
        if (situation.isNative()) {
            return new InterpreterPlan.Native(first);
        }
        return first.flatMap(this::existing).or(this::register).or(() -> first.flatMap(this::bound)).orElseGet(() -> missing(first));
    }

    private Optional<InterpreterPlan> existing(BinfmtEntry entry) {
        boolean isStatic = situation.isStatic(entry.interpreter());
        // Where the file is gone, the kernel still holds it, and it was good enough for whoever registered it for containers.
        boolean held = !situation.interpreters().containsKey(entry.interpreter());
        if (entry.has(BinfmtFlag.FIX_BINARY)) {
            return isStatic || held ? Optional.of(new InterpreterPlan.Existing(entry)) : Optional.empty();
        }
        return Optional.empty();
    }

    /** The last resort: the image has to have a file of that name to bind it over. */
    private Optional<InterpreterPlan> bound(BinfmtEntry entry) {
        return !entry.has(BinfmtFlag.FIX_BINARY) && situation.isStatic(entry.interpreter())
                ? Optional.of(new InterpreterPlan.ExistingBound(entry, entry.interpreter())) : Optional.empty();
    }

    private Optional<InterpreterPlan> register() {
        return Stream.concat(installedRules(), emulatorRules())
                .filter(rule -> rule.matches(program) && situation.isStatic(rule.interpreter()))
                // A rule with too wide a mask would catch the host's own programs, the shell that could mend it among them.
                .filter(rule -> !rule.matches(hostProgram))
                .findFirst().map(this::register);
    }

    /** Rules of binfmt.d as ours: they know whether the interpreter expects P. */
    private Stream<BinfmtRule> installedRules() {
        return situation.rules().stream().map(rule -> rule.with(ownName(), ownFlags(rule.flags())));
    }

    private Stream<BinfmtRule> emulatorRules() {
        return situation.image().emulatorPaths().stream().filter(situation::isStatic)
                .map(path -> BinfmtRule.of(ownName(), situation.image(), path, emulatorFlags(path)));
    }

    /** With P where it can be: without, the kernel replaces argv[0], by which programs such as busybox know what they are to do. */
    private Set<BinfmtFlag> emulatorFlags(String path) {
        return situation.seesPreserved().test(path) ? EnumSet.of(BinfmtFlag.PRESERVE_ARGUMENT, BinfmtFlag.FIX_BINARY)
                : EnumSet.of(BinfmtFlag.FIX_BINARY);
    }

    /** With F, or it would not work in a container; without C, which lets a setuid program of the image run the emulator as root. */
    private static Set<BinfmtFlag> ownFlags(Set<BinfmtFlag> flags) {
        Set<BinfmtFlag> own = EnumSet.of(BinfmtFlag.FIX_BINARY);
        own.addAll(flags);
        own.remove(BinfmtFlag.CREDENTIALS);
        return own;
    }

    private InterpreterPlan register(BinfmtRule rule) {
        boolean replaces = situation.entries().stream().anyMatch(entry -> entry.name().equals(rule.name()));
        return new InterpreterPlan.Register(rule.name(), rule.registrationLine(), rule.interpreter(), replaces);
    }

    private InterpreterPlan missing(Optional<BinfmtEntry> first) {
        String packageName = situation.image().emulatorPackage();
        return new InterpreterPlan.Missing(packageName, "the image is for " + situation.image().unameMachine() + ", this host is "
                + situation.host().unameMachine() + ", and " + reason(first) + "; install the package " + packageName
                + ", or qemu-user-binfmt if there is no such package");
    }

    private String reason(Optional<BinfmtEntry> first) {
        List<String> present = Stream.of(first.stream().map(BinfmtEntry::interpreter),
                situation.rules().stream().filter(rule -> rule.matches(program)).map(BinfmtRule::interpreter),
                situation.image().emulatorPaths().stream()).flatMap(paths -> paths).filter(situation.interpreters()::containsKey).toList();
        if (present.isEmpty()) {
            return "no emulator for it is installed";
        }
        return present.stream().filter(situation::isStatic).findFirst()
                .map(path -> "no binfmt rule for " + path + " matches the image's programs")
                .orElseGet(() -> "the emulator " + present.get(0)
                        + " is not statically linked, so it does not work in the image");
    }

    private String ownName() {
        return InterpreterPlan.ownName(situation.image());
    }
}
