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
 * Whose the clusters of a FAT are: all folders are read, and all chains followed, each cluster once, so that neither loops nor what two
 * files claim are of consequence.
 */
public final class FatOwners {

    /** Who is told. */
    @FunctionalInterface
    public interface Taker {
        /** A piece: its offset in the partition, its length, and the path of the file or folder; the image's own words. */
        void take(long offset, long length, String path);
    }

    /** More clusters are not looked at, for which eight megabytes tell whether they were seen. */
    private static final int MOST_CLUSTERS = 1 << 26;
    private static final int MOST_FOLDERS = 1 << 16;
    /** What Linux takes for a folder's size. */
    private static final int FOLDER_LIMIT = 2 << 20;
    private static final int PATH_LIMIT = 1024;
    /** The characters of all paths that are to be looked at: they are kept meanwhile. */
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
     * Tells of all files and folders, in no order.
     *
     * @return false when it is no FAT or too large a one
     * @throws org.example.piimages.contract.Failure as {@link ByteSource#read}; what was told is true, and not all
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

    /** Files first: a folder in which something is wrong may be long. */
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

    /** Tells of a chain, and keeps what is in it where that is wanted: where it cannot be read, the rest is not known. */
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
