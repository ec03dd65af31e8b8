package org.example.piimages.cli;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.contract.Names;

/**
 * A job that this process started and waits for. It shows how the job gets on, and a signal that ends this process cancels the job: the JVM
 * runs its shutdown hooks then, and exits with 128 plus the signal's number.
 */
final class ForegroundJob {

    /** A job stops at its next word. */
    private static final int SECONDS_TO_STOP = 15;

    private final Service service;
    private final Output output;

    ForegroundJob(Service service, Output output) {
        this.service = service;
        this.output = output;
    }

    /** Starts the job that the call asks for, and returns its result by name when it has ended. Throws what ended it. */
    Map<?, ?> run(Call call) {
        String job = service.change(call)[0].toString();
        Thread hook = new Thread(() -> cancel(job), "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        JobProgress progress = new JobProgress(System.err, StandardStream.ERROR.isTerminal());
        if (output.wantsProgress()) {
            service.bus().onSignal(job, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                    changed -> progress.show((Map<?, ?>) Plain.of(changed[1])));
        }
        try {
            return (Map<?, ?>) Plain.of(service.ask(Call.object(job, Names.JOB, "Wait", ""))[0]);
        } finally {
            progress.end();
            removeHook(hook);
        }
    }

    private void cancel(String job) {
        try {
            service.bus().send(Call.object(job, Names.JOB, "Cancel", ""), false).get(SECONDS_TO_STOP, TimeUnit.SECONDS);
            service.bus().send(Call.object(job, Names.JOB, "Wait", ""), false).get(SECONDS_TO_STOP, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // It was cancelled, or has ended: Wait says so by an error, or there is no such job any more.
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal came, and the hook runs: the bus it waits at must not be closed under it.
            join(hook);
        }
    }

    private static void join(Thread hook) {
        try {
            hook.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
