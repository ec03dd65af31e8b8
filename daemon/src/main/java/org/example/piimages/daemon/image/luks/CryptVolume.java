package org.example.piimages.daemon.image.luks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MappedDevice;

/** An encrypted partition and its key, from which a dm-crypt device can be made. */
public final class CryptVolume implements AutoCloseable {

    private static final int SECTOR = 512;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final LuksDump dump;
    private final byte[] key;
    private final long length;

    /** Takes ownership of the key; {@code length} is the length of the data in bytes. */
    CryptVolume(LuksDump dump, byte[] key, long length) {
        this.dump = dump;
        this.key = key;
        this.length = length - length % dump.sectorSize();
    }

    /** The length of the decrypted content, in bytes. */
    public long length() {
        return length;
    }

    /** Creates a device with the decrypted content over the partition's loop device. Throws as {@link MappedDevice#create}. */
    public MappedDevice map(LoopDevice partition, boolean readOnly) throws IOException {
        byte[] before = (dump.cipher() + " ").getBytes(StandardCharsets.US_ASCII);
        // After the key: the IV offset, the device, and the sector at which the data begins.
        byte[] after = (" 0 " + partition.path() + " " + dump.offset() / SECTOR
                + (dump.sectorSize() == SECTOR ? "" : " 1 sector_size:" + dump.sectorSize())).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer parameters = ByteBuffer.allocate(before.length + 2 * key.length + after.length).put(before);
        for (byte octet : key) {
            parameters.put(DIGITS[octet >> 4 & 0xf]).put(DIGITS[octet & 0xf]);
        }
        parameters.put(after);
        try {
            return MappedDevice.create(partition, new MappedDevice.Target("crypt", length / SECTOR, parameters.array()), readOnly);
        } finally {
            Arrays.fill(parameters.array(), (byte) 0);
        }
    }

    /** Overwrites the key with zeros. */
    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }
}
