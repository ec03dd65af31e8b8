package org.example.piimages.daemon.linux.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** Determines which programs the CPU and the kernel of this host execute. */
public final class Cpu {

    /** The loader's path is below a file that is not a directory: looking it up fails with ENOTDIR on every host. */
    private static final byte[] LOADER = "/dev/null/loader\0".getBytes(StandardCharsets.US_ASCII);
    /** The offset of the loader's path in the file: after all headers. */
    private static final int LOADER_OFFSET = 256;
    private static final int TYPE_EXECUTABLE = 2;
    private static final int SEGMENT_LOADER = 3;
    /** EF_ARM_EABI_VER5: the kernel refuses an ARM program without a version; kernels of other CPUs ignore the flags. */
    private static final int FLAGS = 0x05000000;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_EXEC = 0x10;

    private Cpu() {
    }

    /**
     * Whether the kernel itself executes little-endian ELF programs of a machine, without an emulator; false also if that cannot be
     * determined.
     *
     * <p>A test program is executed. The kernel checks the machine of a program before it looks up the loader that the program names, which
     * does not exist here, so nothing runs. personality(2), which setarch(8) uses for this, is forbidden by LockPersonality= of the unit.
     *
     * @param elfMachine its e_machine, one of the EM_ constants of elf.h
     * @param bits 32 or 64
     */
    public static boolean executes(int elfMachine, int bits) {
        byte[] program = program(elfMachine, bits);
        try (Fd file = new Fd(newFile())) {
            Libc.callLong("pwrite", file.number(), program, program.length, 0L);
            return start(file) == Errno.ENOTDIR;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static int newFile() throws ErrnoException {
        try {
            return Libc.call("memfd_create", "piimages-cpu", MFD_CLOEXEC | MFD_EXEC);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            // Before Linux 6.3, such files are executable without this flag.
            return Libc.call("memfd_create", "piimages-cpu", MFD_CLOEXEC);
        }
    }

    /**
     * Returns the error number of starting the program; 0 if something has started it, such as an entry of binfmt_misc, and it has exited.
     */
    private static int start(Fd file) throws ErrnoException {
        byte[] pid = new byte[Integer.BYTES];
        ByteBuffer name = ByteBuffer.allocateDirect(1);
        ByteBuffer arguments = ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, Libc.address(name));
        ByteBuffer environment = ByteBuffer.allocateDirect(Long.BYTES);
        // Not posix_spawnp, which would pass a file that is not a program to a shell.
        int error = Libc.callInfallible("posix_spawn", pid, file.procPath(), Libc.NULL, Libc.NULL, arguments, environment);
        if (error == 0) {
            Libc.call("waitpid", ByteBuffer.wrap(pid).order(ByteOrder.nativeOrder()).getInt(), Libc.NULL, 0);
        }
        return error;
    }

    /**
     * Returns the headers of a program; elf(5). The fields that the kernel ignores differ from those of any real program, so that entries
     * of binfmt_misc do not match.
     */
    private static byte[] program(int elfMachine, int bits) {
        boolean wide = bits == Long.SIZE;
        ByteBuffer elf = ByteBuffer.allocate(LOADER_OFFSET + LOADER.length).order(ByteOrder.LITTLE_ENDIAN);
        // Magic, class, byte order; unlike in real programs, the version is 0 and the padding is not.
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1), 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1});
        elf.putShort((short) TYPE_EXECUTABLE).putShort((short) elfMachine).putInt(1);
        int header = wide ? 64 : 52;
        // Entry point, program headers, section headers.
        word(elf, wide, 0);
        word(elf, wide, header);
        word(elf, wide, 0);
        elf.putInt(FLAGS).putShort((short) header).putShort((short) (wide ? 56 : 32)).putShort((short) 1);
        elf.position(header).putInt(SEGMENT_LOADER);
        if (wide) {
            elf.putInt(0);
        }
        // Offset, virtual and physical address, length in the file and in memory.
        for (long value : new long[] {LOADER_OFFSET, 0, 0, LOADER.length, LOADER.length}) {
            word(elf, wide, value);
        }
        return elf.position(LOADER_OFFSET).put(LOADER).array();
    }

    private static void word(ByteBuffer elf, boolean wide, long value) {
        if (wide) {
            elf.putLong(value);
        } else {
            elf.putInt((int) value);
        }
    }
}
