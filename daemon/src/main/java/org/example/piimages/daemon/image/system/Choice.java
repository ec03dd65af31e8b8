package org.example.piimages.daemon.image.system;

import java.util.Optional;

/**
 * The root of an image, and why it was chosen.
 *
 * @param place its location
 * @param facts its facts; empty for a FAT partition that is shown because there is no system
 * @param reason the reason, human-readable
 */
public record Choice(RootLocation place, Optional<RootFacts> facts, String reason) {

    static Choice of(RootFacts facts, String reason) {
        return new Choice(facts.place(), Optional.of(facts), reason);
    }

    static Choice of(BootFiles boot, String reason) {
        return new Choice(new RootLocation(boot.volume(), ""), Optional.empty(), reason);
    }
}
