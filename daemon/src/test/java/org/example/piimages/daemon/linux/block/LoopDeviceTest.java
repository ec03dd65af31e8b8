package org.example.piimages.daemon.linux.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.example.piimages.libc.Errno;
import org.junit.jupiter.api.Test;

class LoopDeviceTest {

    /**
     * After "rmmod loop" the node does not exist; if the running kernel's modules have been uninstalled, the node exists without a device.
     */
    @Test
    void hintNamesTheMissingModule() {
        for (int errno : new int[] {Errno.ENOENT, Errno.ENXIO, Errno.ENODEV}) {
            assertEquals("; the kernel module loop is not loaded; run: modprobe loop", LoopDevice.hint("loop-control", errno));
        }
    }

    @Test
    void hintNamesWhatForbidsIt() {
        assertTrue(LoopDevice.hint("loop0", Errno.EPERM).contains("DeviceAllow= in piimagesd.service"));
        assertTrue(LoopDevice.hint("loop0", Errno.ENOENT).contains("node is missing"));
        assertEquals("", LoopDevice.hint("loop0", Errno.EMFILE));
    }
}
