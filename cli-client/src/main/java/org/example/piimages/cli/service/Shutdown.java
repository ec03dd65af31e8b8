package org.example.piimages.cli.service;

import org.example.piimages.cli.failure.ExitCode;

/** The end of this process by a signal, which its hooks carry out while all other threads go on. */
public final class Shutdown {

    private Shutdown() {
    }

    /** Returns at once, unless this process ends: then never. Something new would be begun that no hook knows of. */
    public static void stopHere() {
        Thread probe = new Thread(() -> {}, "probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
        } catch (IllegalStateException e) {
            await();
        }
        remove(probe);
    }

    /** Removes a hook, unless this process ends: then it runs, and this call never returns. */
    static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            await();
        }
    }

    /** exit(3) waits for the hooks, and the thread that waits with it does not come back. */
    private static void await() {
        System.exit(ExitCode.FAILED);
    }
}
