package org.example.piimages.daemon.image.system;

import java.util.Optional;

/**
 * The root of an image, and why it was chosen.
 *
 * @param place its location
 * @param facts its facts; empty for a FAT partition that is shown because there is no system
 * @param reason the reason, human-readable
 */
public record ChosenRoot(RootLocation place, Optional<RootFacts> facts, String reason) {

    static ChosenRoot of(RootFacts facts, String reason) {
        return new ChosenRoot(facts.place(), Optional.of(facts), reason);
    }

    static ChosenRoot of(BootFiles boot, String reason) {
        return new ChosenRoot(new RootLocation(boot.volume(), ""), Optional.empty(), reason);
    }
}
