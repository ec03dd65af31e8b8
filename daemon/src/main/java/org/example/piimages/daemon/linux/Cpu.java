package org.example.piimages.daemon.linux;

import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/** What this machine's CPU can do. */
public final class Cpu {

    private static final int PER_LINUX = 0;
    private static final int PER_LINUX32 = 8;

    private Cpu() {
    }

    /**
     * Whether a 64-bit ARM CPU, and its kernel, run 32-bit programs: arm64 kernels refuse the personality where they cannot. On other CPUs
     * the answer means nothing.
     */
    public static boolean runs32Bit() {
        try {
            Libc.call("personality", PER_LINUX32);
            Libc.call("personality", PER_LINUX);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }
}
