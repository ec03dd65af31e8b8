package org.example.piimages.daemon.emulation.hosttools;

import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.daemon.emulation.Architecture;

/** The images whose programs can have tools of the host's: Debian's two architectures of the Raspberry Pi. */
enum ImageKind {
    ARMHF(Architecture.ARM, "armhf", "arm-linux-gnueabihf"),
    ARM64(Architecture.AARCH64, "arm64", "aarch64-linux-gnu");

    private final Architecture architecture;
    private final String debianName;
    private final String triplet;

    ImageKind(Architecture architecture, String debianName, String triplet) {
        this.architecture = architecture;
        this.debianName = debianName;
        this.triplet = triplet;
    }

    Architecture architecture() {
        return architecture;
    }

    /** What {@code dpkg --print-architecture} says in it. */
    String debianName() {
        return debianName;
    }

    /** Its folder for libraries. */
    String libraries() {
        return "/usr/lib/" + triplet;
    }

    /** The kind of the images of a CPU; empty when there is none. */
    static Optional<ImageKind> of(String unameMachine) {
        return Arrays.stream(values()).filter(kind -> kind.architecture.unameMachine().equals(unameMachine)).findFirst();
    }
}
