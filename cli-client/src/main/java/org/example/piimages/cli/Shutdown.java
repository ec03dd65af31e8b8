package org.example.piimages.cli;

/** The end of this process by a signal, which its hooks carry out while all other threads go on. */
final class Shutdown {

    private Shutdown() {
    }

    /** Returns at once, unless this process ends: then never. Something new would be begun that no hook knows of. */
    static void stopHere() {
        Thread probe = new Thread(() -> {}, "probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
        } catch (IllegalStateException e) {
            // exit(3) waits for the hooks, and the one that waits with it does not come back.
            System.exit(ExitCode.FAILED);
        }
    }
}
