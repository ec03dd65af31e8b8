package org.example.piimages.daemon.image.system;

import java.util.Optional;

/**
 * The root of an image, and why it is that.
 *
 * @param place where it is
 * @param facts what was found there; empty for a FAT partition that is shown for want of a system
 * @param reason why, for people
 */
public record Choice(RootPlace place, Optional<RootFacts> facts, String reason) {

    static Choice of(RootFacts facts, String reason) {
        return new Choice(facts.place(), Optional.of(facts), reason);
    }

    static Choice of(BootFiles boot, String reason) {
        return new Choice(new RootPlace(boot.volume(), ""), Optional.empty(), reason);
    }
}
