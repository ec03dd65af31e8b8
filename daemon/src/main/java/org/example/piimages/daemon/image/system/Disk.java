package org.example.piimages.daemon.image.system;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/**
 * The content of an image as read without mounting it.
 *
 * @param table the partition table
 * @param volumes the partitions with their filesystems
 * @param boots the boot files of the FAT partitions, in the order of the partitions
 */
public record Disk(PartitionTable table, List<Volume> volumes, List<BootFiles> boots) {

    /** Copies the lists. */
    public Disk {
        volumes = List.copyOf(volumes);
        boots = List.copyOf(boots);
    }

    /** Reads the partition table, superblocks and boot files. Throws Failure as {@link PartitionTable#read}. */
    public static Disk read(ByteSource source) {
        PartitionTable table = PartitionTable.read(source);
        List<Volume> volumes = Volume.probe(source, table);
        return new Disk(table, volumes, volumes.stream().flatMap(volume -> BootFiles.read(source, volume).stream()).toList());
    }

    /** Returns a copy with other volumes, for encrypted partitions that were opened. */
    public Disk with(List<Volume> opened) {
        return new Disk(table, opened, boots);
    }

    /** Returns the volume in the partition with that number. */
    public Optional<Volume> volume(int number) {
        return volumes.stream().filter(volume -> volume.partition().number() == number).findFirst();
    }

    Optional<BootFiles> boot(int number) {
        return boots.stream().filter(boot -> boot.number() == number).findFirst();
    }

    /**
     * Returns the partition that the firmware boots from: the first FAT partition with boot files, or the one that its autoboot.txt names.
     * Empty if there is none.
     */
    public Optional<BootFiles> firmwareBoot() {
        Optional<BootFiles> first = boots.stream().filter(BootFiles::firmware).findFirst();
        OptionalInt sent = first.flatMap(BootFiles::autoboot).map(Autoboot::bootPartition).orElse(OptionalInt.empty());
        return sent.isPresent() ? boot(sent.getAsInt()).or(() -> first) : first;
    }
}
