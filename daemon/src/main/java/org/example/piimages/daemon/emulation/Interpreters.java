package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.process.BinfmtMisc;
import org.example.piimages.daemon.linux.process.ProgramVersion;
import org.example.piimages.libc.Fd;

/**
 * The interpreters of foreign programs: finds a registered one that works, or registers one for as long as a machine uses it. The
 * daemon's entries are recognized by their names; entries of other software are never changed.
 */
public final class Interpreters {

    private static final String OWN_PREFIX = "piimages-";
    /** The CPUs of the Raspberry Pi. */
    private static final List<Architecture> ARCHITECTURES = List.of(Architecture.ARM, Architecture.AARCH64);
    private static final Path MARKERS = RunDirectory.ROOT.resolve("interpreters");

    /** The machines that use an entry of the daemon, by the entry's name. */
    private final Map<String, Set<String>> users = new ConcurrentHashMap<>();

    /** Returns the CPU of the image mounted at a directory, as named by uname -m; empty if it cannot be determined from its programs. */
    public static String architectureOf(Path mountPoint) throws IOException {
        try (Fd root = DirectoryTree.open(mountPoint)) {
            return ImagePrograms.sample(new DirectoryTree(root)).flatMap(ElfHeader::parse).flatMap(ElfHeader::architecture)
                    .map(Architecture::unameMachine).orElse("");
        }
    }

    /**
     * Ensures that a machine's programs can run.
     *
     * @throws Failure UNSUPPORTED if the image's CPU cannot be determined, NO_EMULATOR if this host cannot run its programs
     */
    public Emulation prepare(DirectoryTree image, String machine) throws IOException {
        // Not synchronized: the image's owner can make this take arbitrarily long, which must not block others.
        byte[] program = ImagePrograms.sample(image).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED,
                "cannot determine the CPU of the image: it has no /bin/sh of a known type"));
        return prepare(program, machine);
    }

    private synchronized Emulation prepare(byte[] program, String machine) throws IOException {
        Architecture architecture = ElfHeader.parse(program).flatMap(ElfHeader::architecture).orElseThrow();
        InterpreterPlan plan = InterpreterPlan.of(Host.facts(architecture, program));
        Emulation emulation = apply(plan, architecture.unameMachine());
        if (emulation.entry().startsWith(OWN_PREFIX)) {
            adopt(emulation.entry(), machine);
        }
        return emulation;
    }

    /** Returns the major version of the qemu behind a binfmt_misc entry; empty for an empty name and if it is not qemu. */
    public static OptionalInt emulatorVersion(String entry) throws IOException {
        String text = entry.isEmpty() ? null : BinfmtMisc.entries().get(entry);
        Optional<BinfmtEntry> found = text == null ? Optional.empty() : BinfmtEntry.parse(entry, text);
        return found.isEmpty() ? OptionalInt.empty() : ProgramVersion.major(found.get().interpreter());
    }

    /**
     * Returns the entries for the Raspberry Pi's CPUs that need only their interpreter: enabled, with the flags F and P, for a statically
     * linked program that still exists. The newest comes first, in the order in which the kernel tries them.
     */
    public static List<BinfmtEntry> selfContained() throws IOException {
        List<BinfmtEntry> found = new ArrayList<>();
        for (Map.Entry<String, String> text : BinfmtMisc.entries().entrySet()) {
            Optional<BinfmtEntry> entry = BinfmtEntry.parse(text.getKey(), text.getValue()).filter(Interpreters::isSelfContained);
            if (entry.isPresent() && Host.isStatic(entry.get().interpreter())) {
                found.add(entry.get());
            }
        }
        return found;
    }

    private static boolean isSelfContained(BinfmtEntry entry) {
        return entry.enabled() && entry.has(BinfmtFlag.FIX_BINARY) && entry.has(BinfmtFlag.PRESERVE_ARGUMENT)
                && ARCHITECTURES.stream().anyMatch(known -> entry.matches(ProgramPattern.header(known)));
    }

    private Emulation apply(InterpreterPlan plan, String architecture) throws IOException {
        if (plan instanceof InterpreterPlan.Existing existing) {
            return new Emulation(architecture, existing.entry().name(), Map.of());
        }
        if (plan instanceof InterpreterPlan.ExistingBound bound) {
            return new Emulation(architecture, bound.entry().name(), Map.of(bound.interpreter(), Path.of(bound.interpreter())));
        }
        if (plan instanceof InterpreterPlan.Register register) {
            if (register.replaces()) {
                BinfmtMisc.unregister(register.name());
            }
            Path marker = MARKERS.resolve(register.name());
            try (Undo undo = new Undo()) {
                // The marker is written first: an entry that is not known to be the daemon's would never be removed.
                undo.add("remove " + marker, () -> Files.deleteIfExists(marker));
                RunDirectory.writeRecord(marker, new Properties());
                BinfmtMisc.register(register.line());
                undo.commit();
            }
            Event.done("registered").with("INTERPRETER", register.name()).log("registered {} with {}", register.interpreter(),
                    register.name());
            return new Emulation(architecture, register.name(), Map.of());
        }
        if (plan instanceof InterpreterPlan.Missing missing) {
            throw new Failure(Failure.Kind.NO_EMULATOR, missing.message());
        }
        return new Emulation(architecture, "", Map.of());
    }

    /**
     * Registers an interpreter for programs of an architecture until {@link #unregister}, whether or not machines use it.
     *
     * @throws Failure BUSY if another entry runs them already, UNSUPPORTED if the host needs none, NO_EMULATOR, NOT_FOUND
     */
    public synchronized void register(String unameMachine) throws IOException {
        Architecture architecture = named(unameMachine);
        InterpreterPlan plan = plan(architecture);
        if (plan instanceof InterpreterPlan.Native) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "this host runs " + unameMachine + " programs without an emulator");
        }
        String name = InterpreterPlan.ownName(architecture);
        try (Undo undo = new Undo()) {
            if (registeredBy(plan).isEmpty()) {
                apply(plan, unameMachine);
                undo.add("unregister " + name, () -> unregisterUnlessUsed(name));
                plan = plan(architecture);
            }
            BinfmtEntry entry = registeredBy(plan).orElseThrow(() -> new Failure(Failure.Kind.FAILED,
                    "the kernel does not use the entry that was registered for " + unameMachine + "; see: piimagesctl interpreters"));
            if (!entry.name().equals(name)) {
                throw new Failure(Failure.Kind.BUSY, unameMachine + " programs are already run by the entry " + entry.name());
            }
            BinfmtMisc.makePersistent(name, new BinfmtRule(name, entry.pattern(), entry.extension(), entry.interpreter(), entry.flags())
                    .registrationLine());
            undo.commit();
        }
        Event.done("kept").with("INTERPRETER", name).log("{} is registered permanently", name);
    }

    private static InterpreterPlan plan(Architecture architecture) throws IOException {
        return InterpreterPlan.of(Host.facts(architecture, ProgramPattern.header(architecture)));
    }

    private static Optional<BinfmtEntry> registeredBy(InterpreterPlan plan) {
        if (plan instanceof InterpreterPlan.Existing existing) {
            return Optional.of(existing.entry());
        }
        return plan instanceof InterpreterPlan.ExistingBound bound ? Optional.of(bound.entry()) : Optional.empty();
    }

    /**
     * Reverts {@link #register}; machines that use the entry keep it until they end.
     *
     * @throws Failure NOT_FOUND if nothing was registered permanently
     */
    public synchronized void unregister(String unameMachine) throws IOException {
        String name = InterpreterPlan.ownName(named(unameMachine));
        if (!BinfmtMisc.isPersistent(name)) {
            throw new Failure(Failure.Kind.NOT_FOUND, "no interpreter for " + unameMachine + " was registered permanently with PiImages");
        }
        // The registration is forgotten last: until then the same call can be repeated.
        unregisterUnlessUsed(name);
        BinfmtMisc.removePersistent(name);
    }

    /**
     * Checks that a name is a CPU of the Raspberry Pi, as named by uname -m.
     *
     * @throws Failure NOT_FOUND for any other name
     */
    public static void requireKnown(String unameMachine) {
        named(unameMachine);
    }

    private static Architecture named(String unameMachine) {
        return ARCHITECTURES.stream().filter(known -> known.unameMachine().equals(unameMachine)).findFirst()
                .orElseThrow(() -> new Failure(Failure.Kind.NOT_FOUND, "no Raspberry Pi has that CPU; specify one of: "
                        + ARCHITECTURES.stream().map(Architecture::unameMachine).collect(Collectors.joining(", "))));
    }

    /** Adds a machine to the users of an entry; ignored for an entry of other software. */
    public synchronized void adopt(String entry, String machine) {
        if (entry.startsWith(OWN_PREFIX)) {
            users.computeIfAbsent(entry, key -> new HashSet<>()).add(machine);
        }
    }

    /** Removes a machine that has ended from the users of an entry; the last one removes the daemon's entry. */
    public synchronized void release(String entry, String machine) throws IOException {
        Set<String> machines = users.get(entry);
        if (machines != null && machines.remove(machine) && machines.isEmpty()) {
            users.remove(entry);
            unregisterUnlessPersistent(entry);
        }
    }

    private static void unregisterEntry(String entry) throws IOException {
        BinfmtMisc.unregister(entry);
        RunDirectory.remove(MARKERS.resolve(entry));
        Event.done("unregistered").with("INTERPRETER", entry).log("unregistered {}", entry);
    }

    private void unregisterUnlessUsed(String entry) throws IOException {
        if (!users.containsKey(entry)) {
            unregisterEntry(entry);
        }
    }

    private static void unregisterUnlessPersistent(String entry) throws IOException {
        if (!BinfmtMisc.isPersistent(entry)) {
            unregisterEntry(entry);
        }
    }

    /** Removes the daemon's entries that an earlier process registered and no machine uses. */
    public synchronized void sweep() throws IOException {
        RunDirectory.removeDrafts(MARKERS, "");
        BinfmtMisc.removeDrafts(OWN_PREFIX);
        for (Path marker : RunDirectory.entries(MARKERS)) {
            String name = marker.getFileName().toString();
            if (!users.containsKey(name)) {
                unregisterUnlessPersistent(name);
            }
        }
    }

    /** Returns how programs of the Raspberry Pi's CPUs would be run now. */
    public Collection<InterpreterState> states() throws IOException {
        List<InterpreterState> states = new ArrayList<>();
        for (Architecture architecture : ARCHITECTURES) {
            states.add(state(architecture.unameMachine(), plan(architecture)));
        }
        return states;
    }

    private static InterpreterState state(String architecture, InterpreterPlan plan) {
        if (plan instanceof InterpreterPlan.Existing existing) {
            return registered(architecture, existing.entry());
        }
        if (plan instanceof InterpreterPlan.ExistingBound bound) {
            return registered(architecture, bound.entry());
        }
        if (plan instanceof InterpreterPlan.Register register) {
            return new InterpreterState(architecture, "available", "", register.interpreter(), "", false);
        }
        if (plan instanceof InterpreterPlan.Missing missing) {
            return new InterpreterState(architecture, "missing", "", missing.packageName(), "", false);
        }
        return new InterpreterState(architecture, "native", "", "", "", false);
    }

    private static InterpreterState registered(String architecture, BinfmtEntry entry) {
        String flags = entry.flags().stream().map(flag -> String.valueOf(flag.letter())).sorted().collect(Collectors.joining());
        return new InterpreterState(architecture, "registered", entry.name(), entry.interpreter(), flags,
                entry.name().startsWith(OWN_PREFIX));
    }
}
