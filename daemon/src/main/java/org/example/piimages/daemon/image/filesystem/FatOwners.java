package org.example.piimages.daemon.image.filesystem;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * Maps the clusters of a FAT to files: reads all directories and follows all chains, but visits each cluster only once, so that loops and
 * clusters claimed by two files do no harm.
 */
public final class FatOwners {

    /** Accepts pieces of files and directories. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Accepts a piece: its offset in the partition and its length, in bytes, and the path of the file or directory, which is untrusted.
         */
        void visit(long offset, long length, String path);
    }

    /** The most clusters that are supported; the set of visited ones takes eight megabytes then. */
    private static final int MAX_CLUSTERS = 1 << 26;
    private static final int MAX_DIRECTORIES = 1 << 16;
    /** The largest size of a directory on Linux. */
    private static final int DIRECTORY_LIMIT = 2 << 20;
    private static final int PATH_LIMIT = 1024;
    /** The limit on the total length of the paths of queued directories, in characters. */
    private static final int MAX_CHARACTERS = 4 << 20;

    private record Directory(String path, long cluster) {
    }

    private final PartitionBytes partition;
    private final FatLayout layout;
    private final FatChain chains;
    private final Visitor visitor;
    private final BitSet seen = new BitSet();
    private final Deque<Directory> directories = new ArrayDeque<>();
    private int count;
    private int characters;

    private FatOwners(PartitionBytes partition, FatLayout layout, Visitor visitor) {
        this.partition = partition;
        this.layout = layout;
        this.chains = new FatChain(partition, layout);
        this.visitor = visitor;
    }

    /**
     * Reports all files and directories, in no particular order.
     *
     * @return false if there is no FAT or it is too large
     * @throws org.example.piimages.contract.Failure as {@link ByteSource#read}; what was reported before is true but incomplete
     */
    public static boolean report(ByteSource source, Partition partition, Visitor visitor) {
        PartitionBytes bytes = new PartitionBytes(source, partition);
        Optional<ByteBuffer> sector = bytes.read(0, 512).filter(found -> BootSector.isFat(found.array()));
        if (sector.isEmpty()) {
            return false;
        }
        FatLayout layout = FatLayout.of(sector.get());
        if (layout.clusters() > MAX_CLUSTERS) {
            return false;
        }
        new FatOwners(bytes, layout, visitor).report(Integer.toUnsignedLong(sector.get().getInt(44)));
        return true;
    }

    private void report(long root) {
        if (layout.isFat32()) {
            directories.add(new Directory("", root));
        } else {
            visitor.visit(layout.rootStart(), layout.rootLength(), "/");
            partition.read(layout.rootStart(), (int) Math.min(layout.rootLength(), DIRECTORY_LIMIT))
                    .ifPresent(directory -> readDirectory("", directory.array()));
        }
        while (!directories.isEmpty()) {
            Directory directory = directories.remove();
            readDirectory(directory.path(), content(directory));
        }
    }

    private byte[] content(Directory directory) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        follow(directory.cluster(), directory.path().isEmpty() ? "/" : directory.path(), content);
        return content.toByteArray();
    }

    /** Files are followed at once, directories later: a damaged directory may be long. */
    private void readDirectory(String path, byte[] directory) {
        FatEntries.read(directory, (name, attributes, cluster, size) -> {
            long first = layout.isFat32() ? cluster : cluster & 0xFFFF;
            String filePath = path + "/" + name;
            if (name.equals(".") || name.equals("..") || filePath.length() > PATH_LIMIT) {
                return;
            }
            if ((attributes & FatEntries.DIRECTORY) == 0) {
                follow(first, filePath, null);
            } else if (count++ < MAX_DIRECTORIES && characters < MAX_CHARACTERS) {
                characters += filePath.length();
                directories.add(new Directory(filePath, first));
            }
        });
    }

    /** Reports a chain, and collects its content if requested; content that cannot be read is left out. */
    private void follow(long first, String path, ByteArrayOutputStream content) {
        long cluster = first;
        while (chains.has(cluster) && !seen.get((int) cluster)) {
            seen.set((int) cluster);
            visitor.visit(layout.offset(cluster), layout.clusterSize(), path);
            if (content != null && content.size() < DIRECTORY_LIMIT) {
                partition.read(layout.offset(cluster), (int) layout.clusterSize()).ifPresent(piece -> content.writeBytes(piece.array()));
            }
            cluster = chains.next(cluster);
        }
    }
}
