package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;
import org.example.piimages.libc.SystemCall;

/**
 * The only place where a name becomes a descriptor. {@code SourceRuleTest} ensures that nothing else calls open(2) and its relatives.
 *
 * <p>A name that a user can influence is looked up without following the magic links of proc(5), which lead from {@code /proc/self/fd} to
 * everything that this process has open, including other users' directories. Nor may the resulting file be a file of proc itself. The
 * access rights are those of the thread: see {@link CallerThread}. Every descriptor is closed on exec.
 */
public final class Lookup {

    private static final int AT_FDCWD = -100;
    private static final int RESOLVE_NO_MAGICLINKS = 0x02;
    private static final int RESOLVE_NO_SYMLINKS = 0x04;
    private static final int RESOLVE_BENEATH = 0x08;
    private static final int RESOLVE_IN_ROOT = 0x10;
    private static final int OPEN_HOW_SIZE = 24;
    private static final int OPEN_HOW_MODE = 8;
    private static final int OPEN_HOW_RESOLVE = 16;
    /** The number of attempts when a rename disturbs a lookup, so that endless renames cannot block it. */
    private static final int ATTEMPTS = 100;

    private Lookup() {
    }

    /**
     * Opens an absolute path of the host as given by a user. Links other than magic links are followed.
     *
     * @param flags of open(2), without O_CREAT
     * @throws ErrnoException as open(2); ELOOP for a magic link
     * @throws Failure ACCESS_DENIED for a file of proc
     */
    static Fd path(String path, int flags) throws ErrnoException {
        Fd found = open(AT_FDCWD, path, flags, 0, RESOLVE_NO_MAGICLINKS);
        if (FilesystemType.isProc(found)) {
            found.close();
            throw new Failure(Failure.Kind.ACCESS_DENIED, "it is below /proc, where names refer to processes, not to files");
        }
        return found;
    }

    /** Opens an entry of a directory, never following a link or leaving the directory. Throws like openat2(2). */
    static Fd entry(Fd directory, String name, int flags, int mode) throws ErrnoException {
        return open(directory.number(), name, flags | OpenFlags.O_NOFOLLOW, mode,
                RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    }

    /** Opens an entry like {@link #entry}, by its name as the kernel has it, which may be any bytes. */
    public static Fd child(Fd directory, byte[] name, int flags) throws ErrnoException {
        return open(directory.number(), Arrays.copyOf(name, name.length + 1), flags | OpenFlags.O_NOFOLLOW, 0,
                RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    }

    /** Opens a path in an image: every link and {@code ..} is resolved as if the directory were the root. Throws like openat2(2). */
    public static Fd within(Fd root, String path, int flags) throws ErrnoException {
        return open(root.number(), path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    }

    /** Opens the file of a descriptor again, with an open file description of its own. The thread needs the access rights for it. */
    public static Fd reopen(Fd fd, int flags) throws ErrnoException {
        return new Fd(Libc.call("open", fd.procPath(), flags | OpenFlags.O_CLOEXEC));
    }

    /** Creates a file without a name, open for reading and writing; open(2), O_TMPFILE. */
    static Fd unnamed(Fd directory, int mode) throws ErrnoException {
        return new Fd(Libc.call("open", directory.procPath(), OpenFlags.O_TMPFILE | OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC, mode));
    }

    /** Opens a path of which no user can change any part: a device, a file below /run/piimages, or a program of the host. */
    public static Fd trusted(String path, int flags) throws ErrnoException {
        return new Fd(Libc.call("open", path, flags | OpenFlags.O_CLOEXEC));
    }

    /**
     * Calls openat2(2).
     *
     * @param path a string, or bytes that end with NUL
     */
    private static Fd open(int directory, Object path, int flags, int mode, int resolve) throws ErrnoException {
        ByteBuffer openHow = ByteBuffer.allocate(OPEN_HOW_SIZE).order(ByteOrder.nativeOrder());
        openHow.putLong(0, flags | OpenFlags.O_CLOEXEC).putLong(OPEN_HOW_MODE, mode).putLong(OPEN_HOW_RESOLVE, resolve);
        for (int attempt = 1;; attempt++) {
            try {
                return new Fd((int) Libc.syscall(SystemCall.OPENAT2, directory, path, openHow.array(), OPEN_HOW_SIZE));
            } catch (ErrnoException e) {
                // EAGAIN: a rename while ".." was resolved; the kernel asks to try again.
                if (e.errno() != Errno.EAGAIN && e.errno() != Errno.EINTR || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
