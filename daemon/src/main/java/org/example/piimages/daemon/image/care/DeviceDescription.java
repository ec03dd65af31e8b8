package org.example.piimages.daemon.image.care;

import java.util.List;

/**
 * A disk as the person sees it who is asked whether it may be erased.
 *
 * @param node the kernel's name for it, {@code /dev/sdb}
 * @param model what its maker calls it, empty where nobody knows
 * @param size in bytes, 0 where there is no card in the reader
 * @param removable whether it is made to be taken out
 * @param sequence what another medium in the same place does not have; 0 where the kernel does not tell
 * @param obstacle why it cannot be written to, empty when it can
 * @param contents what is on it; empty as well where it cannot be read
 */
public record DeviceDescription(String node, String model, long size, boolean removable, long sequence, String obstacle,
        List<DeviceContent> contents) {

    /** Keeps its own copy of the list. */
    public DeviceDescription {
        contents = List.copyOf(contents);
    }
}
