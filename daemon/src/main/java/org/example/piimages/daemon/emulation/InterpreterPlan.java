package org.example.piimages.daemon.emulation;

import java.util.Optional;

/** How programs of an image are run on this host. No plan changes entries of other software: they are used or bypassed, never disabled. */
public sealed interface InterpreterPlan {

    /**
     * The host's CPU executes the programs; nothing is registered, because an entry of the daemon must never match the host's own
     * programs.
     *
     * @param interceptor another software's entry that matches the programs nevertheless, which slows them down, and breaks them in a
     *         container unless it has the F flag; worth a warning; usually empty
     */
    record Native(Optional<BinfmtEntry> interceptor) implements InterpreterPlan {
    }

    /**
     * A registered entry is sufficient because it has the F flag: the kernel holds the interpreter open, and the container needs no file
     * of it.
     *
     * @param entry the first one that matches; its other flags tell whether setuid programs work (C)
     */
    record Existing(BinfmtEntry entry) implements InterpreterPlan {
    }

    /**
     * A registered entry without the F flag is sufficient once its statically linked interpreter is bound into the container.
     *
     * @param entry the first one that matches
     * @param interpreter the path to bind, the same outside and inside; it may be a symbolic link
     */
    record ExistingBound(BinfmtEntry entry, String interpreter) implements InterpreterPlan {
    }

    /**
     * An entry of the daemon has to be registered, which takes precedence over all others.
     *
     * @param name the entry's name, for example "piimages-arm"
     * @param line the line to write to the kernel's "register" file
     * @param interpreter the path on the host
     * @param replaces whether an entry of that name exists and has to be removed first: disabled, outdated, or preceded by another one
     */
    record Register(String name, String line, String interpreter, boolean replaces) implements InterpreterPlan {
    }

    /**
     * No interpreter is usable; the administrator has to install an emulator.
     *
     * @param packageName the Debian package that contains it
     * @param message one line for users: what is missing, why the existing entries are not usable, and what to install
     */
    record Missing(String packageName, String message) implements InterpreterPlan {
    }

    /** Returns the name of the daemon's own entry for an architecture. */
    static String ownName(Architecture architecture) {
        return "piimages-" + architecture.qemuName();
    }

    /** Chooses the plan; the same facts always result in the same plan. */
    static InterpreterPlan of(InterpreterFacts facts) {
        return new InterpreterChoice(facts).choose();
    }
}
