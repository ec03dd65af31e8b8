package org.example.piimages.daemon.emulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the programs of an architecture begin with: the first twenty bytes of the ELF header (elf(5)), as qemu's qemu-binfmt-conf.sh and
 * Debian's binfmt.d files have them.
 *
 * <pre>
 *  0  7f 45 4c 46  the magic number             all bits count
 *  4  01 or 02     32 or 64 bits                all bits count
 *  5  01 or 02     little- or big-endian        all bits count
 *  6  01           the version                  all bits count
 *  7  00           the operating system's ABI   ignored: 0 is System V, 3 is GNU, which indirect functions need
 *  8  00           the ABI's version            all bits count
 *  9  00 × 7       padding                      all bits count
 * 16  0002         the type, in its byte order  the lowest bit is ignored: 2 is an executable, 3 a position-independent one
 * 18  e_machine    the CPU, in its byte order   all bits count
 * </pre>
 */
final class ProgramPattern {

    private static final int LENGTH = 20;
    private static final int ABI_OFFSET = 7;
    private static final int TYPE_OFFSET = 16;
    private static final int MACHINE_OFFSET = 18;
    private static final short TYPE_EXECUTABLE = 2;

    private ProgramPattern() {
    }

    static BytePattern of(Architecture architecture) {
        ByteBuffer mask = ByteBuffer.allocate(LENGTH).order(order(architecture));
        mask.putLong(-1).putLong(-1).putInt(-1);
        mask.put(ABI_OFFSET, (byte) 0).putShort(TYPE_OFFSET, (short) ~1);
        return BytePattern.of(0, header(architecture), mask.array()).orElseThrow();
    }

    /** Returns the beginning of an ordinary program for the architecture. */
    static byte[] header(Architecture architecture) {
        ByteBuffer header = ByteBuffer.allocate(LENGTH).order(order(architecture));
        header.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) (architecture.bits() / 32), (byte) (architecture.isLittleEndian() ? 1 : 2), 1});
        header.putShort(TYPE_OFFSET, TYPE_EXECUTABLE).putShort(MACHINE_OFFSET, (short) architecture.elfMachine());
        return header.array();
    }

    private static ByteOrder order(Architecture architecture) {
        return architecture.isLittleEndian() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }
}
