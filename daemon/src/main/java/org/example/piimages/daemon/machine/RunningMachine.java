package org.example.piimages.daemon.machine;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A machine that runs, and what systemd last said of it. */
public final class RunningMachine {

    private static final Logger LOG = LoggerFactory.getLogger(RunningMachine.class);

    private final MachineRecord machine;
    private final SerialExecutor news;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile String state = "starting";
    private volatile boolean launched;
    private volatile Closeable watch = () -> {};

    /** A machine that is about to be started, or was found again; the threads do what {@link #onNews} is given. */
    public RunningMachine(MachineRecord machine, Executor threads) {
        this.machine = machine;
        this.news = new SerialExecutor(threads);
    }

    /** Does what follows from something that has happened to it: one after another, in a thread that may block. */
    void onNews(Runnable work) {
        news.execute(work);
    }

    public MachineRecord machine() {
        return machine;
    }

    /** Completes with its status when it has ended and everything of it is gone; exceptionally when it did not start. */
    public CompletableFuture<Integer> ended() {
        return ended;
    }

    /** "starting" until what runs is ready, "running", and "ending" from when it was told to end. */
    public String state() {
        return state;
    }

    /** Takes note of a unit's ActiveState. True when the machine's state is another now. */
    boolean unitIs(String activeState) {
        String before = state;
        state = switch (activeState) {
            case "active", "reloading" -> "running";
            case "activating" -> "starting";
            default -> "ending";
        };
        return !before.equals(state);
    }

    /** Its unit exists, so that from now on its removal is the machine's end. */
    void launched() {
        launched = true;
    }

    /**
     * Whether a removal of the unit is the machine's end. Before systemd has it, somebody's question about a unit of that name makes
     * systemd load it, find nothing, and announce that it is removed.
     */
    boolean isLaunched() {
        return launched;
    }

    /** What to close when the machine has ended. */
    void watchedBy(Closeable subscription) {
        watch = subscription;
    }

    void unwatch() {
        try {
            watch.close();
        } catch (IOException e) {
            LOG.warn("cannot stop watching a signal: {}", e.getMessage());
        }
    }
}
