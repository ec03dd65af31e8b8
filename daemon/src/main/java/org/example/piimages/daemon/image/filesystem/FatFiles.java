package org.example.piimages.daemon.image.filesystem;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The files in the root folder of a FAT partition, and in the folders there, read without the kernel: which partition boots has to be
 * known before anything is mounted, and of files that are smaller than a sector or two (Microsoft FAT specification 1.03, sections 4, 6).
 *
 * <p>What cannot be right ends the reading: a chain of clusters is followed for as many bytes as are wanted and no further, so that a loop
 * in it is of no consequence.
 */
public final class FatFiles {

    /** How much of the root folder is read, in bytes; a boot partition has a few hundred entries of 32 bytes. */
    private static final int FOLDER_LIMIT = 128 * 1024;

    /** One file or folder. */
    private record Entry(boolean folder, long cluster, long size) {
    }

    private final PartitionBytes partition;
    private final FatLayout layout;
    private final FatChain chains;
    private final Map<String, Entry> entries = new HashMap<>();

    private FatFiles(PartitionBytes partition, ByteBuffer sector) {
        this.partition = partition;
        this.layout = FatLayout.of(sector);
        this.chains = new FatChain(partition, layout);
        byte[] folder = layout.isFat32() ? chain(Integer.toUnsignedLong(sector.getInt(44)), FOLDER_LIMIT)
                : partition.read(layout.rootStart(), (int) Math.min(layout.rootLength(), FOLDER_LIMIT)).map(ByteBuffer::array)
                        .orElse(new byte[0]);
        entries.putAll(entries(folder));
    }

    private Map<String, Entry> entries(byte[] folder) {
        Map<String, Entry> found = new HashMap<>();
        FatEntries.read(folder, (name, attributes, cluster, size) -> found.putIfAbsent(name.toLowerCase(Locale.ROOT),
                new Entry((attributes & FatEntries.FOLDER) != 0, layout.isFat32() ? cluster : cluster & 0xFFFF, size)));
        return found;
    }

    /** The files of a partition; empty when it holds no FAT. Throws Failure as {@link ByteSource#read}. */
    public static Optional<FatFiles> of(ByteSource source, Partition partition) {
        PartitionBytes bytes = new PartitionBytes(source, partition);
        return bytes.read(0, 512).filter(sector -> BootSector.isFat(sector.array())).map(sector -> new FatFiles(bytes, sector));
    }

    /** Their names and those of folders, in lower case, as FAT does not tell cases apart; the image's own words. */
    public Set<String> names() {
        return Set.copyOf(entries.keySet());
    }

    /**
     * What a file holds.
     *
     * @param path in lower case: a name in the root folder, or one in a folder there
     * @param limit how many bytes are read at most
     * @return empty when there is no file of that name
     */
    public Optional<byte[]> content(String path, int limit) {
        int slash = path.indexOf('/');
        Map<String, Entry> folder = slash < 0 ? entries : Optional.ofNullable(entries.get(path.substring(0, slash))).filter(Entry::folder)
                .map(entry -> entries(chain(entry.cluster(), FOLDER_LIMIT))).orElse(Map.of());
        return Optional.ofNullable(folder.get(path.substring(slash + 1))).filter(entry -> !entry.folder())
                .map(entry -> chain(entry.cluster(), (int) Math.min(entry.size(), limit)));
    }

    /** The first bytes of a chain of clusters; fewer where the chain or the partition ends before. */
    private byte[] chain(long first, int wanted) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        long cluster = first;
        while (content.size() < wanted && chains.has(cluster)) {
            int length = (int) Math.min(layout.clusterSize(), wanted - content.size());
            Optional<ByteBuffer> piece = partition.read(layout.offset(cluster), length);
            if (piece.isEmpty()) {
                break;
            }
            content.writeBytes(piece.get().array());
            cluster = content.size() < wanted ? chains.next(cluster) : 0;
        }
        return content.toByteArray();
    }
}
