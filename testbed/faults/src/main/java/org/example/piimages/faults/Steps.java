package org.example.piimages.faults;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.dbus.Reply;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * The steps of the daemon as it takes them, and what is to happen at one of them.
 *
 * <p>In the directory: "plan", see {@link Plan}; "steps", where a plan that records has each step written, KIND NAME; "fired", the serial
 * of the plan that has come about. A plan comes about once and is removed before, so that the next daemon is not its victim too.
 */
public final class Steps {

    private record Step(String name, Kind kind) {
    }

    private static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";
    private static final int SIGKILL = 9;
    private static final int PAUSE_MILLISECONDS = 2000;
    /** They ask now and then whether all is well; no test waits for them. */
    private static final String LOOKOUT = "lookout";

    private static final List<Step> STEPS = new ArrayList<>();
    private static final Map<String, Integer> TAKEN = new HashMap<>();
    /** Some of the daemon's threads have their caller's rights; this one keeps root's, for the directory. */
    private static final ExecutorService ROOT = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "faults");
        thread.setDaemon(true);
        return thread;
    });
    private static Path directory;
    private static Plan plan = Plan.NONE;

    private Steps() {
    }

    static void follow(Path directory) {
        Steps.directory = directory;
        ROOT.execute(() -> {});
    }

    /** Enters a step; it is called by this number. */
    static synchronized int number(String name, Kind kind) {
        STEPS.add(new Step(name, kind));
        return STEPS.size() - 1;
    }

    private static synchronized Step step(int number) {
        return STEPS.get(number);
    }

    /** Before a step: dies, or fails it, if that is the plan. */
    public static void before(int number) throws IOException {
        Plan now = comingAbout(step(number), false);
        if (now.action().equals("PAUSE")) {
            pause();
        } else if (!now.equals(Plan.NONE)) {
            throw failure(step(number), now.action());
        }
    }

    /** Others have time to do something. */
    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The plan, if it is for this step now; it has come about then. */
    private static Plan comingAbout(Step step, boolean after) {
        if (Thread.currentThread().getName().equals(LOOKOUT) && !step.name().startsWith("IdleExit")) {
            return Plan.NONE;
        }
        try {
            return ROOT.submit(() -> look(step, after)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Plan look(Step step, boolean after) throws IOException {
        Plan read = Plan.read(directory.resolve("plan"));
        if (!read.serial().equals(plan.serial())) {
            TAKEN.clear();
        }
        plan = read;
        if (!after && plan.records()) {
            Files.writeString(directory.resolve("steps"), step.kind() + " " + step.name() + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        if (plan.records() || plan.isAfter() != after || !plan.step().equals(step.name())
                || TAKEN.merge(step.name(), 1, Integer::sum) != plan.occurrence()) {
            return Plan.NONE;
        }
        Files.delete(directory.resolve("plan"));
        Files.writeString(directory.resolve("fired"), plan.serial());
        if (plan.action().equals("KILL")) {
            Libc.callInfallible("kill", ProcessHandle.current().pid(), SIGKILL);
        }
        return plan;
    }

    private static IOException failure(Step step, String error) {
        try {
            String function = step.name().replaceFirst(".*:", "").replaceFirst("#.*", "");
            Constructor<ErrnoException> constructor = ErrnoException.class.getDeclaredConstructor(String.class, int.class);
            constructor.setAccessible(true);
            ErrnoException failure = constructor.newInstance(function, Errno.class.getField(error).getInt(null));
            return switch (step.kind()) {
                case CHANGE, READ -> new FileSystemException("(a file)", null, failure.reason());
                case START -> new IOException("Cannot run program: error=" + failure.errno() + ", " + failure.reason());
                default -> failure;
            };
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isDueAfter(int number) {
        return !comingAbout(step(number), true).equals(Plan.NONE);
    }

    /** After a tool's exit status was asked for: 1, whatever it did. */
    public static int after(int status, int number) {
        return isDueAfter(number) ? 1 : status;
    }

    /** After waiting for a tool: it took too long. */
    public static boolean after(boolean ended, int number) {
        return !isDueAfter(number) && ended;
    }

    /** After somebody on the bus has answered: the answer was lost. */
    public static Reply after(Reply reply, int number) {
        if (isDueAfter(number)) {
            throw new RemoteError(NO_REPLY, "Did not receive a reply.");
        }
        return reply;
    }

    /** The same, while nobody waits. */
    public static CompletableFuture<Object[]> after(CompletableFuture<Object[]> answer, int number) {
        return isDueAfter(number) ? answer.thenCompose(values -> CompletableFuture.failedFuture(
                new RemoteError(NO_REPLY, "Did not receive a reply."))) : answer;
    }
}
