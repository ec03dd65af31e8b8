package org.example.piimages.daemon.machine;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running machine and the last state of its unit. */
public final class RunningMachine {

    private static final Logger LOG = LoggerFactory.getLogger(RunningMachine.class);

    private final MachineRecord machine;
    private final SerialExecutor events;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile String state = "starting";
    private volatile boolean launched;
    private volatile Closeable watch = () -> {};

    /** Creates an instance for a machine that is about to be started, or was recovered; the threads run the tasks of {@link #onEvent}. */
    public RunningMachine(MachineRecord machine, Executor threads) {
        this.machine = machine;
        this.events = new SerialExecutor(threads);
    }

    /** Runs the reaction to an event of this machine: in the order of the events, one at a time, in a thread that may block. */
    void onEvent(Runnable work) {
        events.execute(work);
    }

    public MachineRecord machine() {
        return machine;
    }

    /** Returns the future of the exit status. It completes when the machine has been cleaned up, or when its start has failed. */
    public CompletableFuture<Integer> ended() {
        return ended;
    }

    /** Returns the state: "starting" until the unit has started, then "running", and "ending" in any other state of the unit. */
    public String state() {
        return state;
    }

    /** Updates the state from the unit's ActiveState. Returns whether the machine's state has changed. */
    boolean updateState(String activeState) {
        String before = state;
        state = switch (activeState) {
            case "active", "reloading" -> "running";
            case "activating" -> "starting";
            default -> "ending";
        };
        return !before.equals(state);
    }

    /** Records that the unit has been started: from now on its removal is the machine's end. */
    void launched() {
        launched = true;
    }

    /**
     * Returns whether a removal of the unit is the machine's end. Before the start, a query for a unit of that name makes systemd load it,
     * find nothing, and announce its removal.
     */
    boolean isLaunched() {
        return launched;
    }

    /** Sets the subscription to close when the machine has ended. */
    void setSubscription(Closeable subscription) {
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
