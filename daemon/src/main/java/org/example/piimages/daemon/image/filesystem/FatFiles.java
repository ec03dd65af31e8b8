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
 * The files in the root directory of a FAT partition, and in the directories there, read without the kernel: the boot partition has to be
 * known before anything is mounted, and the files are small (Microsoft FAT specification 1.03, sections 4 and 6).
 *
 * <p>Reading ends at anything invalid. A chain of clusters is followed only for as many bytes as are requested, so a loop in it does no
 * harm.
 */
public final class FatFiles {

    /** The most that is read of a directory, in bytes; a boot partition has a few hundred entries of 32 bytes. */
    private static final int DIRECTORY_LIMIT = 128 * 1024;

    /** A file or directory. */
    private record Entry(boolean directory, long cluster, long size) {
    }

    private final PartitionBytes partition;
    private final FatLayout layout;
    private final FatChain chains;
    private final Map<String, Entry> entries = new HashMap<>();

    private FatFiles(PartitionBytes partition, ByteBuffer sector) {
        this.partition = partition;
        this.layout = FatLayout.of(sector);
        this.chains = new FatChain(partition, layout);
        byte[] directory = layout.isFat32() ? chain(Integer.toUnsignedLong(sector.getInt(44)), DIRECTORY_LIMIT)
                : partition.read(layout.rootStart(), (int) Math.min(layout.rootLength(), DIRECTORY_LIMIT)).map(ByteBuffer::array)
                        .orElse(new byte[0]);
        entries.putAll(entries(directory));
    }

    private Map<String, Entry> entries(byte[] directory) {
        Map<String, Entry> found = new HashMap<>();
        FatEntries.read(directory, (name, attributes, cluster, size) -> found.putIfAbsent(name.toLowerCase(Locale.ROOT),
                new Entry((attributes & FatEntries.DIRECTORY) != 0, layout.isFat32() ? cluster : cluster & 0xFFFF, size)));
        return found;
    }

    /** Returns the files of a partition; empty if it contains no FAT. Throws Failure as {@link ByteSource#read}. */
    public static Optional<FatFiles> of(ByteSource source, Partition partition) {
        PartitionBytes bytes = new PartitionBytes(source, partition);
        return bytes.read(0, 512).filter(sector -> BootSector.isFat(sector.array())).map(sector -> new FatFiles(bytes, sector));
    }

    /** The names of the files and directories in the root directory, in lower case, as FAT ignores case; untrusted. */
    public Set<String> names() {
        return Set.copyOf(entries.keySet());
    }

    /**
     * Returns the content of a file.
     *
     * @param path the path in lower case: a name in the root directory or in a directory there
     * @param limit the most bytes that are read
     * @return empty if there is no such file
     */
    public Optional<byte[]> content(String path, int limit) {
        int slash = path.indexOf('/');
        Map<String, Entry> directory =
                slash < 0 ? entries : Optional.ofNullable(entries.get(path.substring(0, slash))).filter(Entry::directory)
                        .map(entry -> entries(chain(entry.cluster(), DIRECTORY_LIMIT))).orElse(Map.of());
        return Optional.ofNullable(directory.get(path.substring(slash + 1))).filter(entry -> !entry.directory())
                .map(entry -> chain(entry.cluster(), (int) Math.min(entry.size(), limit)));
    }

    /** Returns the first bytes of a chain of clusters; fewer if the chain or the partition ends before. */
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
