package org.example.piimages.daemon.emulation;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Chooses an {@link InterpreterPlan}.
 *
 * <p>A dynamically linked interpreter never works in a container: with the F flag the kernel opens the interpreter itself, but its loader
 * and libraries are looked up in the container, where they are missing or, worse, belong to the image. So only an interpreter that is
 * known to be static is used.
 */
final class InterpreterChoice {

    private final InterpreterFacts facts;
    private final byte[] program;
    private final byte[] hostProgram;

    InterpreterChoice(InterpreterFacts facts) {
        this.facts = facts;
        this.program = facts.program();
        this.hostProgram = ProgramPattern.header(facts.host());
    }

    InterpreterPlan choose() {
        // The kernel uses the first enabled entry that matches, even if that entry does not work.
        Optional<BinfmtEntry> first = facts.entries().stream().filter(entry -> entry.enabled() && entry.matches(program)).findFirst();
        if (facts.isNative()) {
            return new InterpreterPlan.Native(first);
        }
        return first.flatMap(this::existing).or(this::register).or(() -> first.flatMap(this::bound)).orElseGet(() -> missing(first));
    }

    private Optional<InterpreterPlan> existing(BinfmtEntry entry) {
        boolean isStatic = facts.isStatic(entry.interpreter());
        // If the file was deleted, the kernel still holds it open; it was registered with F, for containers, so it is assumed to
        // work.
        boolean isDeleted = !facts.interpreters().containsKey(entry.interpreter());
        if (entry.has(BinfmtFlag.FIX_BINARY)) {
            return isStatic || isDeleted ? Optional.of(new InterpreterPlan.Existing(entry)) : Optional.empty();
        }
        return Optional.empty();
    }

    /** The last resort, because the image must contain a file of that name to bind the interpreter over. */
    private Optional<InterpreterPlan> bound(BinfmtEntry entry) {
        return !entry.has(BinfmtFlag.FIX_BINARY) && facts.isStatic(entry.interpreter())
                ? Optional.of(new InterpreterPlan.ExistingBound(entry, entry.interpreter())) : Optional.empty();
    }

    private Optional<InterpreterPlan> register() {
        return Stream.concat(installedRules(), emulatorRules())
                .filter(rule -> rule.matches(program) && facts.isStatic(rule.interpreter()))
                // A rule with too wide a mask would match the host's own programs, including the shell needed to repair
                // it.
                .filter(rule -> !rule.matches(hostProgram))
                .findFirst().map(this::register);
    }

    /** Returns rules of binfmt.d under the daemon's own name: they tell whether the interpreter expects P. */
    private Stream<BinfmtRule> installedRules() {
        return facts.rules().stream().map(rule -> rule.with(ownName(), ownFlags(rule.flags())));
    }

    private Stream<BinfmtRule> emulatorRules() {
        return facts.image().emulatorPaths().stream().filter(facts::isStatic)
                .map(path -> BinfmtRule.of(ownName(), facts.image(), path, emulatorFlags(path)));
    }

    /**
     * Adds P if the emulator supports it: without P, the kernel replaces argv[0], by which programs such as busybox determine what to do.
     */
    private Set<BinfmtFlag> emulatorFlags(String path) {
        return facts.detectsPFlag().test(path) ? EnumSet.of(BinfmtFlag.PRESERVE_ARGUMENT, BinfmtFlag.FIX_BINARY)
                : EnumSet.of(BinfmtFlag.FIX_BINARY);
    }

    /**
     * Adds F, without which the entry would not work in a container; removes C, which would let a setuid program of the image run the
     * emulator as root.
     */
    private static Set<BinfmtFlag> ownFlags(Set<BinfmtFlag> flags) {
        Set<BinfmtFlag> result = EnumSet.of(BinfmtFlag.FIX_BINARY);
        result.addAll(flags);
        result.remove(BinfmtFlag.CREDENTIALS);
        return result;
    }

    private InterpreterPlan register(BinfmtRule rule) {
        boolean replaces = facts.entries().stream().anyMatch(entry -> entry.name().equals(rule.name()));
        return new InterpreterPlan.Register(rule.name(), rule.registrationLine(), rule.interpreter(), replaces);
    }

    private InterpreterPlan missing(Optional<BinfmtEntry> first) {
        String packageName = facts.image().emulatorPackage();
        return new InterpreterPlan.Missing(packageName, "the image is for " + facts.image().unameMachine() + ", this host is "
                + facts.host().unameMachine() + ", and " + reason(first) + "; install the package " + packageName
                + ", or qemu-user-binfmt if there is no such package");
    }

    private String reason(Optional<BinfmtEntry> first) {
        List<String> present = Stream.of(first.stream().map(BinfmtEntry::interpreter),
                facts.rules().stream().filter(rule -> rule.matches(program)).map(BinfmtRule::interpreter),
                facts.image().emulatorPaths().stream()).flatMap(paths -> paths).filter(facts.interpreters()::containsKey).toList();
        if (present.isEmpty()) {
            return "no emulator for it is installed";
        }
        return present.stream().filter(facts::isStatic).findFirst()
                .map(path -> "no binfmt rule for " + path + " matches the image's programs")
                .orElseGet(() -> "the emulator " + present.get(0)
                        + " is not statically linked, so it does not work in the image");
    }

    private String ownName() {
        return InterpreterPlan.ownName(facts.image());
    }
}
