package org.example.piimages.daemon.image.system;

import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/** Fuzzes partition tables, the superblocks in their partitions, and the resulting mount plan. */
public final class PartitionsFuzz {

    /** The unit for the size of an image: its last byte is the number of units of zeros that follow the bytes. */
    private static final int GROWTH = 1 << 16;

    private PartitionsFuzz() {
    }

    /** Parses bytes as an image. */
    public static void fuzzerTestOneInput(byte[] data) {
        long size = data.length == 0 ? 0 : data.length + (data[data.length - 1] & 0xffL) * GROWTH;
        MemorySource source = new MemorySource(data, size);
        try {
            PartitionTable table = PartitionTable.read(source);
            List<Volume> volumes = Volume.probe(source, table);
            requireInside(table, size);
            volumes.stream().flatMap(volume -> volume.filesystem().stream()).forEach(PartitionsFuzz::requirePrintable);
            SystemChoice choice = new SystemChoice(Disk.read(source), PartitionSelection.NONE);
            List<RootFacts> looked = choice.candidates().stream().map(volume -> SimulatedImage.system(volume, Fstab.EMPTY)).toList();
            choice.choose(looked, List.of()).facts().ifPresent(root -> MountPlan.of(choice, root));
        } catch (Failure failure) {
            requireOneLine(failure.getMessage());
        }
    }

    private static void requireInside(PartitionTable table, long size) {
        for (Partition partition : table.partitions()) {
            if (partition.end() > size) {
                throw new IllegalStateException(partition + " ends beyond " + size);
            }
            requireOneLine(Printable.quoted(partition.label()));
        }
    }

    private static void requirePrintable(Filesystem filesystem) {
        requireOneLine(filesystem.type() + filesystem.uuid() + Printable.quoted(filesystem.label()));
        if (filesystem.size() < 0) {
            throw new IllegalStateException("a filesystem of " + filesystem.size() + " bytes");
        }
    }

    /** Fails if a message has several lines or control characters. */
    public static void requireOneLine(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalStateException("control characters in: " + Printable.quoted(text));
        }
    }
}
