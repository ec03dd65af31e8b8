package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.daemon.linux.mount.Tree;

/**
 * Which version of 32-bit ARM an image is built for.
 *
 * @param title such as "ARMv6"
 * @param beforeV7 whether it is for the Raspberry Pi Zero and 1 too, whose CPU is older than what emulators imitate
 */
public record ArmVersion(String title, boolean beforeV7) {

    /** By Tag_CPU_arch. */
    private static final List<String> TITLES = List.of("", "ARMv4", "ARMv4T", "ARMv5T", "ARMv5TE", "ARMv5TEJ", "ARMv6", "ARMv6KZ",
            "ARMv6T2", "ARMv6K", "ARMv7");
    /** A shell has one, two at most. */
    private static final int PROGRAM_LIMIT = 4 << 20;

    /** Asks the program that tells the image's CPU. Empty when that is no 32-bit ARM, does not tell, or is for a later version. */
    public static Optional<ArmVersion> ofImage(Tree image) throws IOException {
        Optional<byte[]> program = ImagePrograms.sample(image, PROGRAM_LIMIT);
        return program.isEmpty() ? Optional.empty() : of(ArmAttributes.cpuArchitecture(program.get()));
    }

    /** The version of that number. */
    static Optional<ArmVersion> of(OptionalInt cpuArchitecture) {
        int number = cpuArchitecture.orElse(0);
        boolean known = number > 0 && number < TITLES.size();
        return known ? Optional.of(new ArmVersion(TITLES.get(number), number < TITLES.size() - 1)) : Optional.empty();
    }
}
