package org.example.piimages.daemon.system;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.example.piimages.daemon.KernelNumbers;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * Work done as another user. Linux keeps the user with each thread, and only the C library spreads a change to all of them: a thread that
 * asks the kernel itself is another user alone, and what it connects to sees that user.
 */
final class UserThread {

    private UserThread() {
    }

    /** Does the work as a user whose only group has the same number. */
    static <T> T as(int uid, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            byte[] groups = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(uid).array();
            call("SYS_setgroups", 1, groups);
            call("SYS_setresgid", uid, uid, uid);
            call("SYS_setresuid", uid, uid, uid);
            return work.call();
        });
        Thread thread = new Thread(task, "user-" + uid);
        thread.setDaemon(true);
        thread.start();
        return task.get(20, TimeUnit.SECONDS);
    }

    private static void call(String name, Object... arguments) throws ErrnoException {
        Libc.callLong("syscall", Stream.concat(Stream.of(KernelNumbers.here().get(name)), Stream.of(arguments)).toArray());
    }
}
