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
 * Maps the clusters of a FAT to files: reads all folders and follows all chains, but visits each cluster only once, so that loops and
 * clusters claimed by two files do no harm.
 */
public final class FatOwners {

    /** Accepts pieces of files and folders. */
    @FunctionalInterface
    public interface Taker {
        /**
         * Accepts a piece: its offset in the partition and its length, in bytes, and the path of the file or folder, which is untrusted.
         */
        void take(long offset, long length, String path);
    }

    /** The most clusters that are supported; the set of visited ones takes eight megabytes then. */
    private static final int MOST_CLUSTERS = 1 << 26;
    private static final int MOST_FOLDERS = 1 << 16;
    /** The largest size of a folder on Linux. */
    private static final int FOLDER_LIMIT = 2 << 20;
    private static final int PATH_LIMIT = 1024;
    /** The limit on the total length of the paths of queued folders, in characters. */
    private static final int MOST_CHARACTERS = 4 << 20;

    private record Folder(String path, long cluster) {
    }

    private final PartitionBytes partition;
    private final FatLayout layout;
    private final FatChain chains;
    private final Taker taker;
    private final BitSet seen = new BitSet();
    private final Deque<Folder> folders = new ArrayDeque<>();
    private int count;
    private int characters;

    private FatOwners(PartitionBytes partition, FatLayout layout, Taker taker) {
        this.partition = partition;
        this.layout = layout;
        this.chains = new FatChain(partition, layout);
        this.taker = taker;
    }

    /**
     * Reports all files and folders, in no particular order.
     *
     * @return false if there is no FAT or it is too large
     * @throws org.example.piimages.contract.Failure as {@link ByteSource#read}; what was reported before is true but incomplete
     */
    public static boolean report(ByteSource source, Partition partition, Taker taker) {
        PartitionBytes bytes = new PartitionBytes(source, partition);
        Optional<ByteBuffer> sector = bytes.read(0, 512).filter(found -> BootSector.isFat(found.array()));
        if (sector.isEmpty()) {
            return false;
        }
        FatLayout layout = FatLayout.of(sector.get());
        if (layout.clusters() > MOST_CLUSTERS) {
            return false;
        }
        new FatOwners(bytes, layout, taker).report(Integer.toUnsignedLong(sector.get().getInt(44)));
        return true;
    }

    private void report(long root) {
        if (layout.isFat32()) {
            folders.add(new Folder("", root));
        } else {
            taker.take(layout.rootStart(), layout.rootLength(), "/");
            partition.read(layout.rootStart(), (int) Math.min(layout.rootLength(), FOLDER_LIMIT))
                    .ifPresent(folder -> look("", folder.array()));
        }
        while (!folders.isEmpty()) {
            Folder folder = folders.remove();
            look(folder.path(), content(folder));
        }
    }

    private byte[] content(Folder folder) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        follow(folder.cluster(), folder.path().isEmpty() ? "/" : folder.path(), content);
        return content.toByteArray();
    }

    /** Files are followed at once, folders later: a damaged folder may be long. */
    private void look(String path, byte[] folder) {
        FatEntries.read(folder, (name, attributes, cluster, size) -> {
            long first = layout.isFat32() ? cluster : cluster & 0xFFFF;
            String own = path + "/" + name;
            if (name.equals(".") || name.equals("..") || own.length() > PATH_LIMIT) {
                return;
            }
            if ((attributes & FatEntries.FOLDER) == 0) {
                follow(first, own, null);
            } else if (count++ < MOST_FOLDERS && characters < MOST_CHARACTERS) {
                characters += own.length();
                folders.add(new Folder(own, first));
            }
        });
    }

    /** Reports a chain, and collects its content if requested; content that cannot be read is left out. */
    private void follow(long first, String path, ByteArrayOutputStream content) {
        long cluster = first;
        while (chains.has(cluster) && !seen.get((int) cluster)) {
            seen.set((int) cluster);
            taker.take(layout.offset(cluster), layout.clusterSize(), path);
            if (content != null && content.size() < FOLDER_LIMIT) {
                partition.read(layout.offset(cluster), (int) layout.clusterSize()).ifPresent(piece -> content.writeBytes(piece.array()));
            }
            cluster = chains.next(cluster);
        }
    }
}
