package org.example.piimages.daemon.linux.process;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Undo;

/** A tool that runs; closing it ends it, with all that it started. */
public final class RunningCommand implements Closeable {

    /**
     * How it ended.
     *
     * @param status its exit status; 128 plus the number when a signal ended it
     * @param words what it said, the beginning of it; control characters are gone, lines are not
     */
    public record Ended(String name, int status, String words) {

        /** The last line it said, for a message. */
        public String lastWords() {
            if (status == KILLED) {
                return "it was killed, perhaps because the host ran out of memory";
            }
            if (status > SIGNALLED) {
                return "it was terminated by signal " + (status - SIGNALLED);
            }
            String[] lines = words.strip().split("\n");
            return lines[lines.length - 1].isEmpty() ? "it exited with status " + status : lines[lines.length - 1].strip();
        }

        /** Passes on a tool that did well. Throws Failure FAILED with its own words otherwise. */
        public Ended requireSuccess() {
            if (status != 0) {
                throw new Failure(Failure.Kind.FAILED, name + " failed: " + lastWords());
            }
            return this;
        }
    }

    /** What becomes of its standard output. */
    enum Output {
        /** It is kept with what it says on standard error. */
        WORDS,
        /** It goes where the builder says. */
        FILE,
        /** It is read with {@link #output}. */
        PIPE
    }

    private static final int SIGNALLED = 128;
    private static final int KILLED = SIGNALLED + 9;
    /** How much of what a tool says is kept. */
    private static final int WORDS_LIMIT = 64 * 1024;

    private final String name;
    private final Process process;
    private final ByteArrayOutputStream words = new ByteArrayOutputStream();
    /** Why nothing more was heard of it. Guarded by {@link #words}. */
    private Optional<IOException> deaf = Optional.empty();
    private final Optional<CommandOutput> output;
    private final Thread listener;

    private RunningCommand(String name, Process process, CommandOutput said, Optional<CommandOutput> output) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.listener = new Thread(() -> listen(said), name + "-words");
        listener.setDaemon(true);
        listener.start();
    }

    /**
     * Starts it.
     *
     * @param builder with its standard output unless that is to be read
     * @throws IOException when there is no such program, or the kernel has no process or pipe left
     */
    static RunningCommand start(String name, ProcessBuilder builder, Output wanted) throws IOException {
        try (Undo undo = new Undo()) {
            CommandOutput said = CommandOutput.open();
            undo.add("close the messages of " + name, said::close);
            Optional<CommandOutput> output = Optional.empty();
            switch (wanted) {
                case WORDS -> builder.redirectErrorStream(true).redirectOutput(said.redirect());
                case FILE -> builder.redirectError(said.redirect());
                case PIPE -> {
                    CommandOutput pipe = CommandOutput.open();
                    undo.add("close the output of " + name, pipe::close);
                    output = Optional.of(pipe);
                    builder.redirectError(said.redirect()).redirectOutput(pipe.redirect());
                }
            }
            Process process = builder.start();
            undo.add("end " + name, process::destroyForcibly);
            said.follow(process);
            if (output.isPresent()) {
                output.get().follow(process);
            }
            RunningCommand running = new RunningCommand(name, process, said, output);
            undo.commit();
            return running;
        }
    }

    /** Reads to the end even what is not kept, or the tool would wait for ever. */
    private void listen(CommandOutput said) {
        byte[] buffer = new byte[4096];
        try (said) {
            for (int got = said.read(buffer); got >= 0; got = said.read(buffer)) {
                synchronized (words) {
                    words.write(buffer, 0, Math.min(got, WORDS_LIMIT - words.size()));
                }
            }
        } catch (IOException e) {
            synchronized (words) {
                deaf = Optional.of(e);
            }
        }
    }

    /** What it writes, where {@link Command#outputToPipe} was asked for. It ends with the tool, whoever else could still write to it. */
    public InputStream output() {
        return output.orElseThrow();
    }

    /** What it reads, where {@link Command#inputFromPipe} was asked for; closing it tells that there is no more. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /**
     * How many bytes of its input, a file, have been read; proc_pid_fdinfo(5). The first process, which waits for the tool, shares the open
     * file with it. Empty when it has ended.
     */
    public OptionalLong inputPosition() {
        try {
            String information = Files.readString(Path.of("/proc/" + process.pid() + "/fdinfo/0"));
            return OptionalLong.of(Long.parseLong(information.substring(information.indexOf(':') + 1, information.indexOf('\n')).strip()));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Waits for its end, but not for long; whether it has ended. */
    public boolean endsWithin(Duration time) throws IOException {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        kill();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted while " + name + " ran");
        interrupted.initCause(e);
        return interrupted;
    }

    /** Ends it at once. Does not block. */
    public void kill() {
        process.destroyForcibly();
    }

    /**
     * Waits until it has ended.
     *
     * @throws Failure FAILED when it takes longer than the limit; it is ended then
     * @throws IOException when what it said could not be read
     */
    public Ended await(Duration limit) throws IOException {
        try {
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                kill();
                throw new Failure(Failure.Kind.FAILED,
                        name + " was terminated because it took longer than " + limit.toMinutes() + " minutes");
            }
            listener.join();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        synchronized (words) {
            if (deaf.isPresent()) {
                throw deaf.get();
            }
            String text = words.toString(StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}&&[^\n]]", "");
            return new Ended(name, process.exitValue(), text);
        }
    }

    @Override
    public void close() {
        kill();
        output.ifPresent(CommandOutput::close);
    }
}
