package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.List;
import org.example.piimages.daemon.image.CardDevice;
import org.example.piimages.daemon.linux.block.BlockDevice;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.ErrnoException;

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

    /** What there is to know of a disk before it is erased. */
    public static DeviceDescription of(CardDevice card) throws IOException {
        BlockDevice disk = card.disk();
        List<DeviceContent> contents = List.of();
        try (OpenFile open = disk.openForReading()) {
            contents = DeviceContent.of(open, disk.size());
        } catch (ErrnoException e) {
            // No card in the reader: its size of 0 says so.
        }
        return new DeviceDescription(disk.node(), disk.model(), disk.size(), disk.isRemovable(), disk.sequence(),
                card.obstacle().orElse(""), contents);
    }
}
