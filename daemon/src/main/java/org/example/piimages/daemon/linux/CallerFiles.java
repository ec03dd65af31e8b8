package org.example.piimages.daemon.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;
import org.example.piimages.libc.SystemCall;

/**
 * Opens files with somebody else's rights.
 *
 * <p>Linux gives each thread its own filesystem uid, gid and supplementary groups; setfsuid(2) to a user also takes the thread's
 * filesystem capabilities away. A thread of its own does the open and ends: nothing has to be put back, and no other work can run with
 * the wrong rights. setgroups is called as a system call, because the C library's function changes all threads.
 */
public final class CallerFiles {

    private static final int AT_FDCWD = -100;
    private static final int RESOLVE_NO_MAGICLINKS = 0x02;
    private static final int OPEN_HOW_SIZE = 24;
    private static final int OPEN_HOW_RESOLVE = 16;
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    /** Effective, permitted, inheritable, each in two halves; capset(2). */
    private static final int CAPABILITY_SETS = 24;
    private static final int F_GETFL = 3;

    private CallerFiles() {
    }

    /**
     * Opens a path as the user would, for reading and writing where they may, else for reading. Only a regular file is ever opened: a FIFO
     * would block and opening a device can have effects. Another kind is returned as an O_PATH descriptor, for the caller to refuse.
     *
     * @param groups the user's groups, the primary one first
     * @throws ErrnoException as open(2) as this user
     */
    public static OpenFile open(String path, int uid, int[] groups, boolean forReading) throws ErrnoException {
        return as(uid, groups, () -> openHere(path, forReading));
    }

    /** An O_PATH descriptor on a file or folder of whatever kind, if the user can get there. Throws ErrnoException as open(2). */
    public static Fd find(String path, int uid, int[] groups) throws ErrnoException {
        return as(uid, groups, () -> findHere(path));
    }

    /**
     * Takes over a descriptor that a client passed.
     *
     * @throws Failure ACCESS_DENIED for one that cannot be read: whoever has it need not be allowed to read the file, as anybody can have
     *     an O_PATH descriptor of it, and the daemon, which could, must not do it for them
     */
    public static OpenFile adopt(Fd fd) throws ErrnoException {
        int flags = Libc.call("fcntl", fd.number(), F_GETFL, 0);
        int mode = flags & OpenFlags.O_ACCMODE;
        if ((flags & OpenFlags.O_PATH) != 0 || mode != OpenFlags.O_RDWR && mode != OpenFlags.O_RDONLY) {
            throw new Failure(Failure.Kind.ACCESS_DENIED, "the descriptor is not open for reading");
        }
        return new OpenFile(fd, mode == OpenFlags.O_RDWR);
    }

    /** Without following the magic links of proc(5): by /proc/self/fd a user would be among the daemon's own descriptors. */
    private static Fd findHere(String path) throws ErrnoException {
        ByteBuffer how = ByteBuffer.allocate(OPEN_HOW_SIZE).order(ByteOrder.nativeOrder());
        how.putLong(0, OpenFlags.O_CLOEXEC | OpenFlags.O_PATH).putLong(OPEN_HOW_RESOLVE, RESOLVE_NO_MAGICLINKS);
        return new Fd((int) Libc.syscall(SystemCall.OPENAT2, AT_FDCWD, path, how.array(), OPEN_HOW_SIZE));
    }

    private static OpenFile openHere(String path, boolean forReading) throws ErrnoException {
        int safe = OpenFlags.O_CLOEXEC | OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK;
        OpenFile found = new OpenFile(findHere(path), false);
        if (!found.status().isRegularFile()) {
            return found;
        }
        try (found) {
            if (!forReading) {
                try {
                    return new OpenFile(new Fd(Libc.call("open", found.fd().procPath(), safe | OpenFlags.O_RDWR)), true);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EACCES && e.errno() != Errno.EROFS && e.errno() != Errno.EPERM && e.errno() != Errno.ETXTBSY) {
                        throw e;
                    }
                }
            }
            return new OpenFile(new Fd(Libc.call("open", found.fd().procPath(), safe | OpenFlags.O_RDONLY)), false);
        }
    }

    /** Does the work with a user's filesystem rights, which end with it. It may throw ErrnoException and unchecked exceptions. */
    static <T> T as(int uid, int[] groups, Callable<T> work) throws ErrnoException {
        if (uid == 0) {
            return call(work);
        }
        FutureTask<T> task = new FutureTask<>(() -> {
            become(uid, groups);
            return work.call();
        });
        new Thread(task, "files-of-" + Integer.toUnsignedString(uid)).start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while opening a file", e);
        } catch (ExecutionException e) {
            throw rethrow(e.getCause());
        }
    }

    private static <T> T call(Callable<T> work) throws ErrnoException {
        try {
            return work.call();
        } catch (Exception e) {
            throw rethrow(e);
        }
    }

    private static IllegalStateException rethrow(Throwable cause) throws ErrnoException {
        if (cause instanceof ErrnoException error) {
            throw error;
        }
        if (cause instanceof RuntimeException error) {
            throw error;
        }
        return new IllegalStateException(cause);
    }

    private static void become(int uid, int[] groups) throws ErrnoException {
        ByteBuffer list = ByteBuffer.allocate(4 * groups.length).order(ByteOrder.nativeOrder());
        Arrays.stream(groups).forEach(list::putInt);
        Libc.syscall(SystemCall.SETGROUPS, groups.length, list.array());
        Libc.callInfallible("setfsgid", groups[0]);
        Libc.callInfallible("setfsuid", uid);
        // setfsuid does not report failure; asking again for an impossible uid returns the one in force.
        if (Libc.callInfallible("setfsuid", -1) != uid || Libc.callInfallible("setfsgid", -1) != groups[0]) {
            throw new IllegalStateException("cannot take the rights of uid " + Integer.toUnsignedString(uid));
        }
        // setfsuid takes those over files away. CAP_SYS_PTRACE would still lead into other processes' folders of proc(5).
        byte[] header = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putInt(LINUX_CAPABILITY_VERSION_3).array();
        Libc.call("capset", header, new byte[CAPABILITY_SETS]);
    }
}
