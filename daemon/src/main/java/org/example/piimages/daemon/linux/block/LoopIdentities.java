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
 * Which files the loop devices of the host have behind them, as the devices tell it.
 *
 * <p>A device has to be opened for that, and opening one waits for its last close, which waits for its file: for ever, where that is on a
 * server that is gone. So they are asked in a thread that can be left behind. One that does not answer is not asked again until it has, and
 * costs that thread and nobody else anything.
 */
final class LoopIdentities {

    /** Asks a device. The answer is a {@code FileStatus.identity}, or empty when nothing is behind it. */
    @FunctionalInterface
    interface Question {
        String ask(String node) throws IOException;
    }

    private static final long IDLE_SECONDS = 10;

    private final Question question;
    private final Duration patience;
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    /** As many threads as there are callers and devices that do not answer; none when nobody asks. */
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS,
            new SynchronousQueue<>(), work -> {
                Thread thread = new Thread(work, "loop-device");
                thread.setDaemon(true);
                return thread;
            });

    LoopIdentities(Question question, Duration patience) {
        this.question = question;
        this.patience = patience;
    }

    /** What a device node answers. Empty when it does not, or has not answered an earlier question yet. */
    Optional<String> of(String node) throws IOException {
        return Optional.ofNullable(of(List.of(node)).get(node));
    }

    /** What each of these device nodes answers; those that do not answer are missing. */
    Map<String, String> of(List<String> nodes) throws IOException {
        List<String> asked = nodes.stream().filter(node -> !silent.contains(node)).toList();
        List<FutureTask<String>> questions = asked.stream().map(this::question).toList();
        Map<String, String> answers = new HashMap<>();
        ask(questions);
        for (int number = 0; number < asked.size(); number++) {
            Optional<String> answer = await(asked.get(number), questions.get(number));
            if (answer.isPresent()) {
                answers.put(asked.get(number), answer.get());
            } else {
                // The thread that asks is left behind with this device: another goes on.
                ask(questions.subList(number + 1, questions.size()));
            }
        }
        return answers;
    }

    private FutureTask<String> question(String node) {
        return new FutureTask<>(() -> question.ask(node)) {
            @Override
            protected void done() {
                silent.remove(node);
            }
        };
    }

    /** Asks one after the other. What another thread has asked, or is asking, is not asked again. */
    private void ask(List<FutureTask<String>> questions) {
        if (!questions.isEmpty()) {
            threads.execute(() -> questions.forEach(FutureTask::run));
        }
    }

    private Optional<String> await(String node, FutureTask<String> answer) throws IOException {
        try {
            return Optional.of(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            silent.add(node);
            if (answer.isDone()) {
                // It answered just now, which may have been before it was remembered.
                silent.remove(node);
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
