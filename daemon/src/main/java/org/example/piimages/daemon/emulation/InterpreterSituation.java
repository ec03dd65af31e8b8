package org.example.piimages.daemon.emulation;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * All that has to be known to decide how a program of an image is run; whoever collects it is not in this package.
 *
 * @param image the CPU that the image is for
 * @param program the first bytes of a program of the image, on which the kernel will match; {@link BytePattern#HEADER_LENGTH} are enough
 * @param host the CPU of this machine
 * @param hostRuns32Bit whether a 64-bit host executes 32-bit programs of its own family, ARM or x86, itself; some CPUs and kernels do not
 * @param entries registered with binfmt_misc, in the order in which the kernel tries them: the one registered last comes first
 * @param rules in binfmt.d, those that come first are preferred
 * @param interpreters the interpreters that exist as files on the host and how they are linked, by path: those of the entries, of the
 *     rules, and {@link Architecture#emulatorPaths}; a path that is not here does not exist
 * @param seesPreserved whether the emulator at a path sees for itself that its entry has the P flag; asked only if one is to be registered
 *     by no rule of binfmt.d
 */
public record InterpreterSituation(Architecture image, byte[] program, Architecture host, boolean hostRuns32Bit, List<BinfmtEntry> entries,
        List<BinfmtRule> rules, Map<String, Linkage> interpreters, Predicate<String> seesPreserved) {

    /** Keeps its own copies. */
    public InterpreterSituation {
        Objects.requireNonNull(image);
        Objects.requireNonNull(host);
        program = program.clone();
        entries = List.copyOf(entries);
        rules = List.copyOf(rules);
        interpreters = Map.copyOf(interpreters);
    }

    /** A copy of the first bytes of the program. */
    @Override
    public byte[] program() {
        return program.clone();
    }

    /** Whether the host's CPU executes the image's programs itself. */
    boolean isNative() {
        return host == image || hostRuns32Bit && host.narrow().filter(image::equals).isPresent();
    }

    /** Whether a file is there that starts without anything else, so that it works inside an image that lacks its libraries. */
    boolean isStatic(String interpreter) {
        return interpreters.get(interpreter) == Linkage.STATIC;
    }
}
