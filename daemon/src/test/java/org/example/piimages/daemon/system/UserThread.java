package org.example.piimages.daemon.system;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.example.piimages.libc.Libc;

/**
 * Work done as another user. Linux keeps the user with each thread, and only the C library spreads a change to all of them: a thread that
 * asks the kernel itself is another user alone, and what it connects to sees that user.
 */
final class UserThread {

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int SYS_SETGROUPS = ARM ? 159 : 116;
    private static final int SYS_SETRESGID = ARM ? 149 : 119;
    private static final int SYS_SETRESUID = ARM ? 147 : 117;

    private UserThread() {
    }

    /** Does the work as a user whose only group has the same number. */
    static <T> T as(int uid, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            byte[] groups = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(uid).array();
            Libc.syscall("setgroups", SYS_SETGROUPS, 1, groups);
            Libc.syscall("setresgid", SYS_SETRESGID, uid, uid, uid);
            Libc.syscall("setresuid", SYS_SETRESUID, uid, uid, uid);
            return work.call();
        });
        Thread thread = new Thread(task, "user-" + uid);
        thread.setDaemon(true);
        thread.start();
        return task.get(20, TimeUnit.SECONDS);
    }
}
