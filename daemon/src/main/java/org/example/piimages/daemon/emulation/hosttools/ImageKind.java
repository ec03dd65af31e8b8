package org.example.piimages.daemon.emulation.hosttools;

import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.daemon.emulation.Architecture;

/** The kinds of images whose programs can be replaced by tools of the host: Debian's two architectures for the Raspberry Pi. */
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

    /** Returns the output of {@code dpkg --print-architecture} in the image. */
    String debianName() {
        return debianName;
    }

    /** Returns the directory of its libraries. */
    String libraries() {
        return "/usr/lib/" + triplet;
    }

    /** Returns the kind of images for a CPU; empty if there is none. */
    static Optional<ImageKind> of(String unameMachine) {
        return Arrays.stream(values()).filter(kind -> kind.architecture.unameMachine().equals(unameMachine)).findFirst();
    }
}
