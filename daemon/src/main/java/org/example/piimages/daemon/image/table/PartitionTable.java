package org.example.piimages.daemon.image.table;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.CompressedFormat;
import org.example.piimages.daemon.image.disk.ForeignFormat;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;

/**
 * The partition table of an image.
 *
 * @param kind the kind of table
 * @param diskId the MBR's 32-bit disk signature as eight hexadecimal digits, the lower-case disk GUID for GPT, empty without a table
 * @param partitions the partitions that can contain data, in the order of their numbers; never empty
 * @param extended the MBR partition that only contains the logical ones, if there is one; it is not among {@code partitions}
 * @param usableStart the first byte of the file that a partition may take
 * @param usableEnd the first byte after those that a partition may take, as the table says: a GPT's last usable sector, an MBR's 2 TiB
 * @param fromBackup whether a GPT was read from its backup at the end of the file, because the primary header is damaged
 */
public record PartitionTable(Kind kind, String diskId, List<Partition> partitions, Optional<Partition> extended, long usableStart,
        long usableEnd, boolean fromBackup) {

    /** The size of a sector, the unit of partition tables, in bytes. Images of media with other sector sizes are not supported. */
    public static final int SECTOR_SIZE = 512;

    /** The kinds of table. */
    public enum Kind {
        /** The PC's master boot record, which Raspberry Pi OS uses; blkid calls it "dos". */
        MBR,
        /** The GUID partition table (UEFI specification 2.10, chapter 5). */
        GPT,
        /** No table: the file is one filesystem. */
        NONE
    }

    /** Keeps its own copy of the list. */
    public PartitionTable {
        partitions = List.copyOf(partitions);
    }

    /**
     * Reads the table and checks it: every partition lies in the file, and no two overlap.
     *
     * @throws Failure INVALID_IMAGE when there is neither a table nor a filesystem, or the table contradicts the file or itself;
     *     UNSUPPORTED for sectors of 4096 bytes; what {@link ByteSource#read} throws
     */
    public static PartitionTable read(ByteSource source) {
        if (source.size() == 0) {
            throw invalid("the image is empty (0 bytes); copy or download it again");
        }
        if (source.size() < SECTOR_SIZE) {
            // Such as a pointer of Git LFS.
            requireNotForeign(source);
            throw invalid("the file is not a disk image: with " + source.size() + " bytes, it is smaller than a partition table");
        }
        byte[] sector = source.bytes(0, SECTOR_SIZE);
        Optional<MasterBootRecord> record = MasterBootRecord.parse(sector);
        if (record.isEmpty()) {
            return withoutTable(source);
        }
        if (record.get().describesWholeDisk() && ForeignFormat.ISO.isIn(source)) {
            throw foreign(ForeignFormat.ISO);
        }
        PartitionTable table = record.get().isProtective() ? GuidPartitionTable.read(source, record.get())
                : new MasterBootRecordReader(source, record.get()).read();
        PartitionLayout.check(table, source.size());
        return table;
    }

    /** The partition with the number that Linux would give it, if there is one. */
    public Optional<Partition> partition(int number) {
        return partitions.stream().filter(partition -> partition.number() == number).findFirst();
    }

    private static PartitionTable withoutTable(ByteSource source) {
        Partition whole = Partition.wholeFile(source.size());
        if (Filesystem.probe(source, whole).isPresent()) {
            return new PartitionTable(Kind.NONE, "", List.of(whole), Optional.empty(), 0, source.size(), false);
        }
        CompressedFormat.of(source.bytes(0, SECTOR_SIZE)).ifPresent(format -> {
            throw invalid("the file is not a disk image, it is compressed (" + format.title() + "); unpack it first: piimagesctl unpack");
        });
        requireNotForeign(source);
        throw invalid("the file is not a disk image: it has neither a partition table (MBR or GPT) with a partition nor a filesystem");
    }

    private static void requireNotForeign(ByteSource source) {
        ForeignFormat.of(source).ifPresent(format -> {
            throw foreign(format);
        });
    }

    private static Failure foreign(ForeignFormat format) {
        return invalid("the file is not a disk image: it is " + format.advice());
    }

    /** Returns a failure INVALID_IMAGE with the given message. */
    public static Failure invalid(String message) {
        return new Failure(Failure.Kind.INVALID_IMAGE, message);
    }
}
