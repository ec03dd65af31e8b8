package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;
import static org.example.piimages.daemon.image.table.PartitionTable.invalid;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Guid;
import org.example.piimages.daemon.image.disk.Partition;

/** Turns a GUID partition table into partitions (UEFI specification 2.10, section 5.3). */
final class GuidPartitionTable {

    private static final String UNUSED_TYPE = "00000000-0000-0000-0000-000000000000";
    private static final int OTHER_SECTOR_SIZE = 4096;
    private static final int NAME_OFFSET = 56;
    private static final int NAME_LENGTH = 36;
    /** Attribute bit 2: legacy BIOS bootable. */
    private static final long ATTRIBUTE_ACTIVE = 1L << 2;

    private GuidPartitionTable() {
    }

    static PartitionTable read(ByteSource source, MasterBootRecord protection) {
        Optional<GptHeader> primary = GptHeader.read(source, 1);
        GptHeader header = primary.or(() -> GptHeader.read(source, source.size() / SECTOR_SIZE - 1)).orElseThrow(() -> unreadable(source));
        List<Partition> partitions = partitions(header, source.size());
        if (partitions.isEmpty()) {
            throw invalid("the partition table (GPT) contains no partition; copy or download the image again");
        }
        requireSame(protection, partitions);
        return new PartitionTable(PartitionTable.Kind.GPT, header.diskGuid(), partitions, Optional.empty(),
                header.firstUsable() * SECTOR_SIZE, (header.lastUsable() + 1) * SECTOR_SIZE, primary.isEmpty());
    }

    /** Requires that the MBR of a hybrid table, for firmware that reads only MBRs, agrees with the GPT, which Linux and the daemon use. */
    private static void requireSame(MasterBootRecord protection, List<Partition> partitions) {
        for (MasterBootRecord.Entry entry : protection.described()) {
            if (partitions.stream().noneMatch(entry::describes)) {
                throw invalid("the image has a hybrid partition table whose MBR and GPT contradict each other: entry " + (entry.index() + 1)
                        + " of the MBR is not a partition of the GPT; convert the table to one of them");
            }
        }
    }

    private static Failure unreadable(ByteSource source) {
        if (source.size() >= OTHER_SECTOR_SIZE + Long.BYTES && GptHeader.isSigned(source.bytes(OTHER_SECTOR_SIZE, Long.BYTES))) {
            return new Failure(Failure.Kind.UNSUPPORTED,
                    "the image has a partition table (GPT) for sectors of 4096 bytes, which is not supported; use one for 512 bytes");
        }
        return invalid("the partition table (GPT) and its backup at the end of the file are damaged: the image seems truncated; "
                + "copy or download it again");
    }

    private static List<Partition> partitions(GptHeader header, long size) {
        List<Partition> partitions = new ArrayList<>();
        int count = header.entries().capacity() / header.entrySize();
        for (int index = 0; index < count; index++) {
            int at = index * header.entrySize();
            if (!Guid.text(header.entries(), at).equals(UNUSED_TYPE)) {
                partitions.add(partition(header, index, at, size));
            }
        }
        return partitions;
    }

    private static Partition partition(GptHeader header, int index, int at, long size) {
        ByteBuffer entries = header.entries();
        long first = entries.getLong(at + 32);
        long last = entries.getLong(at + 40);
        if (Long.compareUnsigned(last, first) < 0) {
            throw invalid("partition " + (index + 1) + " ends before it begins: the table is damaged; copy or download the image again");
        }
        // A length of 2^64 sectors wraps to zero, which is refused too.
        long length = last - first + 1;
        PartitionLayout.requireInFile(index + 1, first, length, size);
        return new Partition(index + 1, first * SECTOR_SIZE, length * SECTOR_SIZE, Guid.text(entries, at), Guid.text(entries, at + 16),
                name(entries, at + NAME_OFFSET), (entries.getLong(at + 48) & ATTRIBUTE_ACTIVE) != 0, header.entriesOffset() + at);
    }

    private static String name(ByteBuffer entries, int at) {
        StringBuilder name = new StringBuilder();
        for (int index = 0; index < NAME_LENGTH; index++) {
            char unit = entries.getChar(at + 2 * index);
            if (unit == 0) {
                break;
            }
            name.append(unit);
        }
        return name.toString();
    }
}
