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
 * A job that this process started and waits for. It shows how the job gets on, and a signal that ends this process cancels the job: the JVM
 * runs its shutdown hooks then, and exits with 128 plus the signal's number.
 */
public final class ForegroundJob {

    /** A job stops at its next word. */
    private static final int SECONDS_TO_STOP = 15;

    private final Service service;
    private final Output output;
    private final JobProgress progress = new JobProgress(System.err, StandardStream.ERROR.isTerminal());
    private final CompletableFuture<Started> started = new CompletableFuture<>();

    /** A job by its object path, and the answer that comes when it ends. */
    private record Started(String job, CompletableFuture<Object[]> ended) {
    }

    public ForegroundJob(Service service, Output output) {
        this.service = service;
        this.output = output;
    }

    /** Starts the job that the call asks for, and returns its result by name when it has ended. Throws what ended it. To be called once. */
    public Map<?, ?> run(Call call) {
        // Before the job is there, which would otherwise go on after a signal that comes while it starts.
        Thread hook = new Thread(this::interrupted, "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        SshHangupWatch.endOn();
        try {
            Started own = start(call);
            return (Map<?, ?>) Plain.of(service.await(own.ended())[0]);
        } finally {
            progress.end();
            // No CancellationException: the hook would get it unwrapped.
            started.completeExceptionally(new IllegalStateException("the job did not start"));
            // The bus that the hook waits at must not be closed under it, and it has the last word.
            Shutdown.remove(hook);
        }
    }

    private Started start(Call call) {
        String job = service.change(call)[0].toString();
        Started own = new Started(job, service.bus().send(Call.object(job, Names.JOB, "Wait", ""), false));
        started.complete(own);
        if (output.wantsProgress()) {
            service.bus().onSignal(job, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                    changed -> progress.show((Map<?, ?>) Plain.of(changed[1])));
        }
        return own;
    }

    /** The job is gone once its end was told, so that it is not asked for a second time. */
    private void interrupted() {
        try {
            Started own = started.get(service.endAuthentication(SECONDS_TO_STOP), TimeUnit.SECONDS);
            service.bus().send(Call.object(own.job(), Names.JOB, "Cancel", ""), false).get(SECONDS_TO_STOP, TimeUnit.SECONDS);
            own.ended().get(SECONDS_TO_STOP, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            progress.end();
            tell(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            // It stops without us; a call that is not answered yet is cancelled where its caller leaves the bus.
        }
    }

    /** What Wait says of a job that was cancelled: in what state the image, or the card, was left. Nothing where it had ended already. */
    private static void tell(Throwable ended) {
        if (ended instanceof RemoteError error && error.errorName().equals(Failure.Kind.CANCELLED.errorName())) {
            ErrorText.of(error).reportTo(System.err);
        }
    }
}
