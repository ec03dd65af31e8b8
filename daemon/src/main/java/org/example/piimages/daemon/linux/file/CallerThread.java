package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.SystemCall;

/**
 * Runs an operation with the filesystem access rights of another user.
 *
 * <p>Linux gives each thread its own filesystem uid, gid and supplementary groups; setfsuid(2) to a user also drops the thread's filesystem
 * capabilities. The operation runs in a thread of its own, which then ends: no rights have to be restored, and no other operation can run
 * with the wrong ones. setgroups is called as a system call, because the C library's function changes all threads.
 */
final class CallerThread {

    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    /** The size of the effective, permitted and inheritable sets, each in two halves; capset(2). */
    private static final int CAPABILITY_SETS = 24;

    private CallerThread() {
    }

    /**
     * Runs an operation with a user's filesystem access rights. If the calling thread is interrupted meanwhile, the file that the operation
     * opens is closed.
     *
     * @param work may throw ErrnoException and unchecked exceptions
     * @throws IllegalStateException if interrupted
     */
    static <T> T as(Credentials credentials, Callable<T> work) throws ErrnoException {
        if (credentials.isRoot()) {
            return call(work);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        new Thread(() -> run(credentials, work, result), "files-of-" + credentials.uidText()).start();
        try {
            return result.get();
        } catch (InterruptedException e) {
            // The operation may hang in a filesystem that the user serves. Whichever thread is second closes the file that it opened.
            if (!result.cancel(false)) {
                result.thenAccept(CallerThread::discard);
            }
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while opening a file", e);
        } catch (ExecutionException e) {
            throw rethrow(e.getCause());
        }
    }

    private static <T> void run(Credentials credentials, Callable<T> work, CompletableFuture<T> result) {
        try {
            setCredentials(credentials);
            T done = work.call();
            if (!result.complete(done)) {
                discard(done);
            }
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private static void discard(Object done) {
        if (done instanceof Closeable opened) {
            try {
                opened.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
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

    private static void setCredentials(Credentials credentials) throws ErrnoException {
        int[] groups = credentials.groups();
        ByteBuffer list = ByteBuffer.allocate(4 * groups.length).order(ByteOrder.nativeOrder());
        Arrays.stream(groups).forEach(list::putInt);
        Libc.syscall(SystemCall.SETGROUPS, groups.length, list.array());
        Libc.callInfallible("setfsgid", groups[0]);
        Libc.callInfallible("setfsuid", credentials.uid());
        // setfsuid does not report failure; called with an invalid uid, it returns the current one.
        if (Libc.callInfallible("setfsuid", -1) != credentials.uid() || Libc.callInfallible("setfsgid", -1) != groups[0]) {
            throw new IllegalStateException("cannot assume the rights of uid " + credentials.uidText());
        }
        // setfsuid drops the capabilities over files; CAP_SYS_PTRACE would still give access to other processes' directories of proc(5).
        byte[] header = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putInt(LINUX_CAPABILITY_VERSION_3).array();
        Libc.call("capset", header, new byte[CAPABILITY_SETS]);
    }
}
