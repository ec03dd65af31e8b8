package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** Tests whether loop devices work on this host by using one. */
public final class LoopDeviceCheck {

    private static final int LENGTH = 4096;
    private static final int MFD_CLOEXEC = 1;

    private LoopDeviceCheck() {
    }

    /**
     * Attaches a loop device to a file in memory, as mounting does to an image, reads from it, and releases it. Only one at a time, so that
     * frequent calls cannot occupy many devices.
     *
     * @return the reason for a failure; empty if it works
     */
    public static synchronized Optional<String> failure() {
        try (OpenFile memory = new OpenFile(new Fd(Libc.call("memfd_create", "piimages-doctor", MFD_CLOEXEC)), true)) {
            memory.truncate(LENGTH);
            try (LoopDevice device = LoopDevice.attach(memory, 0, LENGTH, true, "piimages-doctor")) {
                return read(device);
            }
        } catch (Failure | IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Optional<String> read(LoopDevice device) throws IOException {
        byte[] block = new byte[LENGTH];
        try (Fd opened = Lookup.trusted(device.path(), OpenFlags.O_RDONLY)) {
            long count = Libc.callLong("read", opened.number(), block, block.length);
            return count == LENGTH ? Optional.empty() : Optional.of(device.path() + " returned " + count + " of " + LENGTH + " bytes");
        }
    }
}
