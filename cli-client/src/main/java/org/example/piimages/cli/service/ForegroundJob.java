package org.example.piimages.cli.service;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.output.JobProgress;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.terminal.SshHangupWatch;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;

/**
 * A job that this process has started and waits for. It shows the progress of the job. A signal that terminates this process cancels the
 * job: the JVM runs its shutdown hooks and exits with 128 plus the signal number.
 */
public final class ForegroundJob {

    /** The longest time to wait for a cancelled job to stop. */
    private static final int SECONDS_TO_STOP = 15;

    private final Service service;
    private final Output output;
    private final JobProgress progress = new JobProgress(System.err, StandardStream.ERROR.isTerminal());
    private final CompletableFuture<Started> started = new CompletableFuture<>();

    /** The object path of the job, and the reply of Wait, which is sent when the job ends. */
    private record Started(String job, CompletableFuture<Object[]> ended) {
    }

    public ForegroundJob(Service service, Output output) {
        this.service = service;
        this.output = output;
    }

    /**
     * Starts the job of a call, waits for its end, and returns its result by name. Throws the error of the job if it fails. May be called
     * only once.
     */
    public Map<?, ?> run(Call call) {
        // Added before the job is started; otherwise the job would continue after a signal during its start.
        Thread hook = new Thread(this::interrupted, "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        SshHangupWatch.start();
        try {
            Started waiting = start(call);
            return (Map<?, ?>) PlainValues.of(service.await(waiting.ended())[0]);
        } finally {
            progress.end();
            // Not cancel(): the hook would get a CancellationException instead of an ExecutionException.
            started.completeExceptionally(new IllegalStateException("the job did not start"));
            // If the hook is running, this does not return: the hook needs the open bus, and prints the last message.
            Shutdown.remove(hook);
        }
    }

    private Started start(Call call) {
        String job = service.change(call)[0].toString();
        if (output.wantsProgress()) {
            showProgress(job);
        }
        Started waiting = new Started(job, service.bus().send(Call.object(job, Names.JOB, "Wait", ""), false));
        started.complete(waiting);
        return waiting;
    }

    /**
     * Shows the progress of a job from now on: first the current state, because a short job may send its last signal before the bus knows
     * that this process listens. Called before Wait, with whose reply the job object may disappear.
     */
    private void showProgress(String job) {
        service.bus().onSignal(job, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                changed -> progress.show((Map<?, ?>) PlainValues.of(changed[1])));
        progress.begin(service.properties(job, Names.JOB));
    }

    /**
     * Cancels the job and waits for the reply of the pending Wait call: the job no longer exists after that, so Wait cannot be called
     * again.
     */
    private void interrupted() {
        try {
            Started waiting = started.get(service.endAuthentication(SECONDS_TO_STOP), TimeUnit.SECONDS);
            service.bus().send(Call.object(waiting.job(), Names.JOB, "Cancel", ""), false).get(SECONDS_TO_STOP, TimeUnit.SECONDS);
            waiting.ended().get(SECONDS_TO_STOP, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            progress.end();
            reportCancellation(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            // The job stops by itself; the service cancels a pending call when its caller disconnects from the bus.
        }
    }

    /**
     * Prints the error of a cancelled job, which states the condition of the image or card; prints nothing if the job had already ended.
     */
    private static void reportCancellation(Throwable ended) {
        if (ended instanceof RemoteError error && error.errorName().equals(Failure.Kind.CANCELLED.errorName())) {
            ErrorText.of(error).reportTo(System.err);
        }
    }
}
