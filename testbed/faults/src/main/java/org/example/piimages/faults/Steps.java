package org.example.piimages.faults;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
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
 * Called by the daemon before and after its steps; makes one of them fail, or kills the daemon there.
 *
 * <p>The system property {@code piimages.faults} names a directory. The test writes the file "plan", see {@link Plan}. While the plan is
 * RECORD, each step is appended to "steps" as KIND NAME. The serial of a plan that has been executed is written to "fired". A plan is
 * executed once, and removed before that, so that it does not hit the next daemon, too.
 */
public final class Steps {

    private record Step(Kind kind, String name) {
    }

    private static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";
    private static final int SIGKILL = 9;
    private static final int PAUSE_MILLISECONDS = 2000;
    /** The thread that periodically checks the state of the daemon; no test waits for its steps. */
    private static final String LOOKOUT = "lookout";

    private static final Path DIRECTORY = Path.of(System.getProperty("piimages.faults"));
    private static final Map<String, Integer> TAKEN = new HashMap<>();
    /** Accesses the directory. Some threads of the daemon have the rights of a caller; this one has those of root. */
    private static final ExecutorService ROOT = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "faults");
        thread.setDaemon(true);
        return thread;
    });
    private static Plan plan = Plan.NONE;

    static {
        // A thread has the rights of the one that starts it. The first step is taken by the main thread, as root.
        ROOT.execute(() -> {});
    }

    private Steps() {
    }

    /** Called before a step: kills the daemon or throws an exception if the plan is for this step. */
    public static void before(String step) throws IOException {
        Plan now = due(parse(step), false);
        if (now.action().equals("PAUSE")) {
            pause();
        } else if (!now.equals(Plan.NONE)) {
            throw failure(parse(step), now.action());
        }
    }

    private static Step parse(String step) {
        int space = step.indexOf(' ');
        return new Step(Kind.valueOf(step.substring(0, space)), step.substring(space + 1));
    }

    /** Gives other processes time to do something. */
    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The plan, if it is for this step now, in which case it is removed; NONE otherwise. */
    private static Plan due(Step step, boolean after) {
        if (Thread.currentThread().getName().equals(LOOKOUT) && !step.name().startsWith("IdleExit")) {
            return Plan.NONE;
        }
        try {
            return ROOT.submit(() -> compare(step, after)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Plan compare(Step step, boolean after) throws IOException {
        Plan read = Plan.read(DIRECTORY.resolve("plan"));
        if (!read.serial().equals(plan.serial())) {
            TAKEN.clear();
        }
        plan = read;
        if (!after && plan.records()) {
            Files.writeString(DIRECTORY.resolve("steps"), step.kind() + " " + step.name() + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        if (plan.records() || plan.isAfter() != after || !plan.step().equals(step.name())
                || TAKEN.merge(step.name(), 1, Integer::sum) != plan.occurrence()) {
            return Plan.NONE;
        }
        Files.delete(DIRECTORY.resolve("plan"));
        Files.writeString(DIRECTORY.resolve("fired"), plan.serial());
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

    private static boolean isDueAfter(String step) {
        return !due(parse(step), true).equals(Plan.NONE);
    }

    /** Called after the exit status of a tool was queried: returns 1 if the plan is for this step. */
    public static int after(int status, String step) {
        return isDueAfter(step) ? 1 : status;
    }

    /** Called after waiting for a tool: returns false, for a timeout, if the plan is for this step. */
    public static boolean after(boolean ended, String step) {
        return !isDueAfter(step) && ended;
    }

    /** Called after another program on the bus has replied: throws the error for a lost reply if the plan is for this step. */
    public static Reply after(Reply reply, String step) {
        if (isDueAfter(step)) {
            throw new RemoteError(NO_REPLY, "Did not receive a reply.");
        }
        return reply;
    }

    /** The same for a reply that is not waited for. */
    public static CompletableFuture<Object[]> after(CompletableFuture<Object[]> answer, String step) {
        return isDueAfter(step) ? answer.thenCompose(values -> CompletableFuture.failedFuture(
                new RemoteError(NO_REPLY, "Did not receive a reply."))) : answer;
    }
}
