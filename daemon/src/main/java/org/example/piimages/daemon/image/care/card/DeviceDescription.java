package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.List;
import org.example.piimages.daemon.image.file.CardDevice;
import org.example.piimages.daemon.linux.block.BlockDevice;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.ErrnoException;

/**
 * The description of a disk that is shown to the user before it is erased.
 *
 * @param node the path of its device node, for example {@code /dev/sdb}
 * @param model the vendor's model name; empty if unknown
 * @param size the size in bytes; 0 if there is no card in the reader
 * @param removable whether it is a removable disk
 * @param sequence the kernel's sequence number of the medium, which changes with the medium; 0 if unknown
 * @param obstacle the reason why it cannot be written to; empty if it can
 * @param contents its partitions; empty also if they cannot be read
 */
public record DeviceDescription(String node, String model, long size, boolean removable, long sequence, String obstacle,
        List<DeviceContent> contents) {

    /** Keeps its own copy of the list. */
    public DeviceDescription {
        contents = List.copyOf(contents);
    }

    /** Describes a disk. */
    public static DeviceDescription of(CardDevice card) throws IOException {
        BlockDevice disk = card.disk();
        List<DeviceContent> contents = List.of();
        try (OpenFile open = disk.openForReading()) {
            contents = DeviceContent.of(open, disk.size());
        } catch (ErrnoException e) {
            // There is no card in the reader; the size of 0 shows this.
        }
        return new DeviceDescription(disk.node(), disk.model(), disk.size(), disk.isRemovable(), disk.diskSequence(),
                card.obstacle().orElse(""), contents);
    }
}
