package org.example.piimages.daemon.linux.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.example.piimages.libc.Errno;
import org.junit.jupiter.api.Test;

class LoopDeviceTest {

    /** After "rmmod loop" there is no node; where the running kernel's modules are not installed any more, there is one for nothing. */
    @Test
    void whereTheModuleIsNotLoadedItIsNamed() {
        for (int errno : new int[] {Errno.ENOENT, Errno.ENXIO, Errno.ENODEV}) {
            assertEquals("; the kernel module loop is not loaded; run: modprobe loop", LoopDevice.hint("loop-control", errno));
        }
    }

    @Test
    void whatForbidsItIsNamed() {
        assertTrue(LoopDevice.hint("loop0", Errno.EPERM).contains("DeviceAllow= in piimagesd.service"));
        assertTrue(LoopDevice.hint("loop0", Errno.ENOENT).contains("node is missing"));
        assertEquals("", LoopDevice.hint("loop0", Errno.EMFILE));
    }
}
