package org.example.piimages.daemon.image.system;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/**
 * What an image's bytes say before anything is mounted.
 *
 * @param table of its partitions
 * @param volumes what they hold
 * @param boots what its FAT partitions have for booting, in the order of the partitions
 */
public record Disk(PartitionTable table, List<Volume> volumes, List<BootFiles> boots) {

    /** Keeps its own copies of the lists. */
    public Disk {
        volumes = List.copyOf(volumes);
        boots = List.copyOf(boots);
    }

    /** Reads table, superblocks and boot files. Throws Failure as {@link PartitionTable#read}. */
    public static Disk read(ByteSource source) {
        PartitionTable table = PartitionTable.read(source);
        List<Volume> volumes = Volume.probe(source, table);
        return new Disk(table, volumes, volumes.stream().flatMap(volume -> BootFiles.read(source, volume).stream()).toList());
    }

    /** The same image where encrypted partitions were opened: these volumes in their places. */
    public Disk with(List<Volume> opened) {
        return new Disk(table, opened, boots);
    }

    /** The volume in the partition with that number. */
    public Optional<Volume> volume(int number) {
        return volumes.stream().filter(volume -> volume.partition().number() == number).findFirst();
    }

    Optional<BootFiles> boot(int number) {
        return boots.stream().filter(boot -> boot.number() == number).findFirst();
    }

    /**
     * The boot partition that the firmware takes: the first FAT partition with files for it, or the one to which the autoboot.txt there
     * sends it. Empty when there is none.
     */
    public Optional<BootFiles> firmwareBoot() {
        Optional<BootFiles> first = boots.stream().filter(BootFiles::firmware).findFirst();
        OptionalInt sent = first.flatMap(BootFiles::autoboot).map(Autoboot::bootPartition).orElse(OptionalInt.empty());
        return sent.isPresent() ? boot(sent.getAsInt()).or(() -> first) : first;
    }
}
