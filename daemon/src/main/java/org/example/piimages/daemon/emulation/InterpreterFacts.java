package org.example.piimages.daemon.emulation;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Everything that determines how a program of an image is run; {@link Host} collects it.
 *
 * @param image the CPU that the image is for
 * @param program the first bytes of a program of the image, which the kernel matches; {@link BytePattern#HEADER_LENGTH} bytes are enough
 * @param host the CPU of this machine
 * @param hostRuns32Bit whether a 64-bit host executes 32-bit programs of its own family, ARM or x86, natively; some CPUs and kernels do
 *         not
 * @param entries the entries registered with binfmt_misc, in the order in which the kernel tries them: the last registered one first
 * @param rules the rules in binfmt.d, in order of preference
 * @param interpreters the linkage of the interpreters that exist as files on the host, by path: those of the entries, of the rules, and
 *         {@link Architecture#emulatorPaths}; a path that is absent here does not exist
 * @param detectsPFlag whether the emulator at a path detects the P flag itself; called only if an entry is to be registered without a
 *         rule of binfmt.d
 */
public record InterpreterFacts(Architecture image, byte[] program, Architecture host, boolean hostRuns32Bit, List<BinfmtEntry> entries,
        List<BinfmtRule> rules, Map<String, Linkage> interpreters, Predicate<String> detectsPFlag) {

    /** Copies its arguments. */
    public InterpreterFacts {
        Objects.requireNonNull(image);
        Objects.requireNonNull(host);
        program = program.clone();
        entries = List.copyOf(entries);
        rules = List.copyOf(rules);
        interpreters = Map.copyOf(interpreters);
    }

    /** Returns a copy of the first bytes of the program. */
    @Override
    public byte[] program() {
        return program.clone();
    }

    /** Returns whether the host's CPU executes the image's programs natively. */
    boolean isNative() {
        return host == image || hostRuns32Bit && host.compatible32Bit().filter(image::equals).isPresent();
    }

    /**
     * Returns whether an interpreter exists and needs no other file to start, so that it works inside an image that lacks its libraries.
     */
    boolean isStatic(String interpreter) {
        return interpreters.get(interpreter) == Linkage.STATIC;
    }
}
