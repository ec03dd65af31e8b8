package org.example.piimages.cli.service;

import org.example.piimages.cli.failure.ExitCode;

/** Handles the termination of this process by a signal, during which shutdown hooks run while all other threads continue. */
public final class Shutdown {

    private Shutdown() {
    }

    /**
     * Returns immediately, unless this process is exiting: then it never returns, so that the caller starts nothing that no hook would
     * clean up.
     */
    public static void blockIfExiting() {
        Thread probe = new Thread(() -> {}, "probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
        } catch (IllegalStateException e) {
            await();
        }
        remove(probe);
    }

    /** Removes a hook. If this process is exiting, the hook is running, and this method never returns. */
    static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            await();
        }
    }

    /** Blocks forever: System.exit waits for the running hooks and does not return. */
    private static void await() {
        System.exit(ExitCode.FAILED);
    }
}
