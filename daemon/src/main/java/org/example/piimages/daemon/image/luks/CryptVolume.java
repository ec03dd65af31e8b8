package org.example.piimages.daemon.image.luks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MappedDevice;

/** An encrypted partition and its key: what dm-crypt has to be told. */
public final class CryptVolume implements AutoCloseable {

    private static final int SECTOR = 512;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final LuksDump dump;
    private final byte[] key;
    private final long length;

    /** Keeps the key; the length is that of the data in bytes. */
    CryptVolume(LuksDump dump, byte[] key, long length) {
        this.dump = dump;
        this.key = key;
        this.length = length - length % dump.sectorSize();
    }

    /** How many bytes its content has. */
    public long length() {
        return length;
    }

    /** Makes a device with its content over a loop device with the partition. Throws as {@link MappedDevice#over}. */
    public MappedDevice over(LoopDevice partition, boolean readOnly) throws IOException {
        byte[] before = (dump.cipher() + " ").getBytes(StandardCharsets.US_ASCII);
        // The key, the number added to a sector's own for its IV, the device, and the sector where the data begins.
        byte[] after = (" 0 " + partition.path() + " " + dump.offset() / SECTOR
                + (dump.sectorSize() == SECTOR ? "" : " 1 sector_size:" + dump.sectorSize())).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer parameters = ByteBuffer.allocate(before.length + 2 * key.length + after.length).put(before);
        for (byte octet : key) {
            parameters.put(DIGITS[octet >> 4 & 0xf]).put(DIGITS[octet & 0xf]);
        }
        parameters.put(after);
        try {
            return MappedDevice.over(partition, new MappedDevice.Target("crypt", length / SECTOR, parameters.array()), readOnly);
        } finally {
            Arrays.fill(parameters.array(), (byte) 0);
        }
    }

    /** Forgets the key. */
    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }
}
