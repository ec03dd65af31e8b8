package org.example.piimages.daemon.image.filesystem;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import org.example.piimages.daemon.image.disk.ByteSource;

/**
 * A filesystem written by the kernel. Its nonzero blocks are stored in src/test/resources/filesystems: its size, and for each block its
 * number and content. It can be changed, and its checksums updated.
 */
public final class StoredImage implements ByteSource {

    static final int BLOCK = 4096;
    private static final int BTRFS_DATA = 32;
    private static final int F2FS_SEED = 0xF2F52010;

    private final NavigableMap<Integer, byte[]> blocks = new TreeMap<>();
    private final long size;

    private StoredImage(DataInputStream stored) throws IOException {
        size = stored.readLong();
        try {
            while (true) {
                int number = stored.readInt();
                blocks.put(number, stored.readNBytes(BLOCK));
            }
        } catch (EOFException e) {
            return;
        }
    }

    /** Returns the stored filesystem of that name. */
    public static StoredImage of(String name) {
        try (InputStream file = StoredImage.class.getResourceAsStream("/filesystems/" + name + ".gz");
                DataInputStream stored = new DataInputStream(new GZIPInputStream(file))) {
            return new StoredImage(stored);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, byte[] buffer) {
        if (offset < 0 || offset > size - buffer.length) {
            throw new AssertionError("read of " + buffer.length + " bytes at " + offset + " of " + size);
        }
        Arrays.fill(buffer, (byte) 0);
        for (int done = 0; done < buffer.length;) {
            int within = (int) ((offset + done) % BLOCK);
            int count = Math.min(BLOCK - within, buffer.length - done);
            byte[] block = blocks.get((int) ((offset + done) / BLOCK));
            if (block != null) {
                System.arraycopy(block, within, buffer, done, count);
            }
            done += count;
        }
    }

    /** The numbers of the blocks that are stored. */
    public int[] stored() {
        return blocks.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    /** Returns a block, which may be changed. */
    public ByteBuffer block(int number) {
        return ByteBuffer.wrap(blocks.computeIfAbsent(number, none -> new byte[BLOCK])).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Updates the checksum at the beginning of a btrfs block. */
    public void sealBtrfs(int number) {
        CRC32C sum = new CRC32C();
        sum.update(blocks.get(number), BTRFS_DATA, BLOCK - BTRFS_DATA);
        block(number).putInt(0, (int) sum.getValue());
    }

    /** Updates the checksum at the end of a block of an f2fs checkpoint. */
    public void sealF2fs(int number) {
        byte[] bytes = block(number).array().clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, block(number).getInt(0) ^ ~F2FS_SEED);
        CRC32 sum = new CRC32();
        sum.update(bytes, 0, BLOCK - Integer.BYTES);
        block(number).putInt(BLOCK - Integer.BYTES, ~(int) sum.getValue());
    }
}
