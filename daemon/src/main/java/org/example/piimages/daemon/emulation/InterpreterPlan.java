package org.example.piimages.daemon.emulation;

import java.util.Optional;

/**
 * How programs of an image are made to run on this host. Nothing of others is changed by any plan: entries that are not ours are used or
 * passed over, never disabled.
 */
public sealed interface InterpreterPlan {

    /**
     * The host's CPU executes them; there is nothing to register, and no handler of ours may ever match the host's own programs.
     *
     * @param interceptor an entry of others that catches them all the same, which slows them down, and breaks them in a container unless it
     *     has the F flag; worth a warning, otherwise empty
     */
    record Native(Optional<BinfmtEntry> interceptor) implements InterpreterPlan {
    }

    /**
     * An entry that is registered does, with its F flag: the kernel holds the interpreter open, and nothing of it is needed in the
     * container.
     *
     * @param entry the first one that matches; its other flags tell whether setuid programs work (C)
     */
    record Existing(BinfmtEntry entry) implements InterpreterPlan {
    }

    /**
     * An entry without the F flag does, once its interpreter, which is statically linked, is bound into the container.
     *
     * @param entry the first one that matches
     * @param interpreter the path to bind, the same outside and inside; it may be a link
     */
    record ExistingBound(BinfmtEntry entry, String interpreter) implements InterpreterPlan {
    }

    /**
     * An entry of our own is to be registered, in front of all others.
     *
     * @param name of the entry, for example "piimages-arm"
     * @param line to write into the kernel's "register" file
     * @param interpreter on the host
     * @param replaces whether an entry of that name is there and has to be taken away first: disabled, outdated, or behind another one
     */
    record Register(String name, String line, String interpreter, boolean replaces) implements InterpreterPlan {
    }

    /**
     * Nothing does; the administrator has to install an emulator.
     *
     * @param packageName the Debian package that brings it
     * @param message one line for people: what is missing, why what is there does not do, and what to install
     */
    record Missing(String packageName, String message) implements InterpreterPlan {
    }

    /** The name under which we register a handler for an architecture. */
    static String ownName(Architecture architecture) {
        return "piimages-" + architecture.qemuName();
    }

    /** Decides; the same situation always gives the same plan. */
    static InterpreterPlan of(InterpreterSituation situation) {
        return new InterpreterChoice(situation).choose();
    }
}
