package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/**
 * The version of 32-bit ARM that an image is built for.
 *
 * @param title the name, such as "ARMv6"
 * @param beforeV7 whether the image also supports the Raspberry Pi Zero and 1, whose CPU is older than the one that emulators emulate by
 *         default
 */
public record ArmVersion(String title, boolean beforeV7) {

    /** Titles by Tag_CPU_arch. */
    private static final List<String> TITLES = List.of("", "ARMv4", "ARMv4T", "ARMv5T", "ARMv5TE", "ARMv5TEJ", "ARMv6", "ARMv6KZ",
            "ARMv6T2", "ARMv6K", "ARMv7");
    /** The maximum size of a program in bytes. A shell has one MiB, two at most. */
    private static final int PROGRAM_LIMIT = 4 << 20;

    /** Determines the version from a program of the image; empty if that is not 32-bit ARM, has no attribute, or is for a later version. */
    public static Optional<ArmVersion> ofImage(DirectoryTree image) throws IOException {
        Optional<byte[]> program = ImagePrograms.sample(image, PROGRAM_LIMIT);
        return program.isEmpty() ? Optional.empty() : of(ArmAttributes.cpuArchitecture(program.get()));
    }

    /** Returns the version for a value of Tag_CPU_arch. */
    static Optional<ArmVersion> of(OptionalInt cpuArchitecture) {
        int number = cpuArchitecture.orElse(0);
        boolean isKnown = number > 0 && number < TITLES.size();
        return isKnown ? Optional.of(new ArmVersion(TITLES.get(number), number < TITLES.size() - 1)) : Optional.empty();
    }
}
