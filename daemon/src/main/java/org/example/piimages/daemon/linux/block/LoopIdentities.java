package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Determines the backing files of the host's loop devices by querying the devices.
 *
 * <p>A device has to be opened for that. Opening it waits for its last close, which waits for its file: possibly for ever if that is on a
 * server that does not respond. Therefore, a separate thread queries the devices and can be left behind. A device that does not respond is
 * not queried again until it has responded, and blocks only that thread.
 */
final class LoopIdentities {

    /** Queries a device. The answer is a {@code FileStatus.identity}, or empty if the device has no backing file. */
    @FunctionalInterface
    interface Query {
        String ask(String node) throws IOException;
    }

    private static final long IDLE_SECONDS = 10;

    private final Query question;
    private final Duration timeout;
    private final Set<String> unresponsive = ConcurrentHashMap.newKeySet();
    /** As many threads as there are callers and devices that do not respond; none while nothing is queried. */
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS,
            new SynchronousQueue<>(), work -> {
                Thread thread = new Thread(work, "loop-device");
                thread.setDaemon(true);
                return thread;
            });

    LoopIdentities(Query question, Duration timeLimit) {
        this.question = question;
        this.timeout = timeLimit;
    }

    /** Queries a device node. Empty if it does not respond, or has not responded to an earlier query yet. */
    Optional<String> of(String node) throws IOException {
        return Optional.ofNullable(of(List.of(node)).get(node));
    }

    /** Queries device nodes; those that do not respond are missing from the result. */
    Map<String, String> of(List<String> nodes) throws IOException {
        List<String> queried = nodes.stream().filter(node -> !unresponsive.contains(node)).toList();
        List<FutureTask<String>> questions = queried.stream().map(this::question).toList();
        Map<String, String> answers = new HashMap<>();
        ask(questions);
        for (int number = 0; number < queried.size(); number++) {
            Optional<String> answer = await(queried.get(number), questions.get(number));
            if (answer.isPresent()) {
                answers.put(queried.get(number), answer.get());
            } else {
                // The querying thread is left behind with this device: another one continues.
                ask(questions.subList(number + 1, questions.size()));
            }
        }
        return answers;
    }

    private FutureTask<String> question(String node) {
        return new FutureTask<>(() -> question.ask(node)) {
            @Override
            protected void done() {
                unresponsive.remove(node);
            }
        };
    }

    /** Runs queries one after the other, except those that another thread has run or is running. */
    private void ask(List<FutureTask<String>> questions) {
        if (!questions.isEmpty()) {
            threads.execute(() -> questions.forEach(FutureTask::run));
        }
    }

    private Optional<String> await(String node, FutureTask<String> answer) throws IOException {
        try {
            return Optional.of(answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            unresponsive.add(node);
            if (answer.isDone()) {
                // It has responded meanwhile, possibly before it was added to the set.
                unresponsive.remove(node);
            }
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IOException(node + ": " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while " + node + " was asked");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
