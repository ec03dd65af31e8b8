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

/** A running tool; closing it ends it with all processes that it started. */
public final class RunningCommand implements Closeable {

    /**
     * The result of a tool.
     *
     * @param name the name of the tool
     * @param status its exit status; 128 plus the signal number if a signal ended it
     * @param output the beginning of its output, without control characters other than line breaks
     */
    public record Ended(String name, int status, String output) {

        /** The last line of its output, or the reason of its end, for a message. */
        public String reason() {
            if (status == KILLED) {
                return "it was killed, perhaps because the host ran out of memory";
            }
            if (status > SIGNALLED) {
                return "it was terminated by signal " + (status - SIGNALLED);
            }
            String[] lines = output.strip().split("\n");
            return lines[lines.length - 1].isEmpty() ? "it exited with status " + status : lines[lines.length - 1].strip();
        }

        /** Returns this if the tool succeeded. Otherwise throws Failure FAILED with {@link #reason}. */
        public Ended requireSuccess() {
            if (status != 0) {
                throw new Failure(Failure.Kind.FAILED, name + " failed: " + reason());
            }
            return this;
        }
    }

    /** The destination of the standard output. */
    enum Output {
        /** Kept together with the standard error. */
        CAPTURED,
        /** The destination that the builder specifies. */
        FILE,
        /** Read with {@link #output}. */
        PIPE
    }

    private static final int SIGNALLED = 128;
    private static final int KILLED = SIGNALLED + 9;
    /** The number of bytes of a tool's output that are kept. */
    private static final int OUTPUT_LIMIT = 64 * 1024;

    private final String name;
    private final Process process;
    private final ByteArrayOutputStream capturedOutput = new ByteArrayOutputStream();
    /** The error that occurred while the output was read. Guarded by {@link #capturedOutput}. */
    private Optional<IOException> readError = Optional.empty();
    private final Optional<CommandOutput> output;
    private final Thread outputReader;

    private RunningCommand(String name, Process process, CommandOutput messages, Optional<CommandOutput> output) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.outputReader = new Thread(() -> readOutput(messages), name + "-words");
        outputReader.setDaemon(true);
        outputReader.start();
    }

    /**
     * Starts a tool.
     *
     * @param builder has the destination of the standard output if {@code destination} is FILE
     * @throws IOException if the program does not exist, or the kernel cannot create a process or pipe
     */
    static RunningCommand start(String name, ProcessBuilder builder, Output destination) throws IOException {
        try (Undo undo = new Undo()) {
            CommandOutput messages = CommandOutput.open();
            undo.add("close the messages of " + name, messages::close);
            Optional<CommandOutput> output = Optional.empty();
            switch (destination) {
                case CAPTURED -> builder.redirectErrorStream(true).redirectOutput(messages.redirect());
                case FILE -> builder.redirectError(messages.redirect());
                case PIPE -> {
                    CommandOutput pipe = CommandOutput.open();
                    undo.add("close the output of " + name, pipe::close);
                    output = Optional.of(pipe);
                    builder.redirectError(messages.redirect()).redirectOutput(pipe.redirect());
                }
            }
            Process process = builder.start();
            undo.add("end " + name, process::destroyForcibly);
            messages.follow(process);
            if (output.isPresent()) {
                output.get().follow(process);
            }
            RunningCommand running = new RunningCommand(name, process, messages, output);
            undo.commit();
            return running;
        }
    }

    /** Reads the output to its end, including what is not kept; otherwise the tool would block. */
    private void readOutput(CommandOutput messages) {
        byte[] buffer = new byte[4096];
        try (messages) {
            for (int count = messages.read(buffer); count >= 0; count = messages.read(buffer)) {
                synchronized (capturedOutput) {
                    capturedOutput.write(buffer, 0, Math.min(count, OUTPUT_LIMIT - capturedOutput.size()));
                }
            }
        } catch (IOException e) {
            synchronized (capturedOutput) {
                readError = Optional.of(e);
            }
        }
    }

    /**
     * The standard output, if {@link Command#outputToPipe} was called. It ends with the tool, even if another process could still write to
     * it.
     */
    public InputStream output() {
        return output.orElseThrow();
    }

    /** The standard input, if {@link Command#inputFromPipe} was called; closing it marks the end of the input. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /**
     * The number of bytes read from the input, which is a file; proc_pid_fdinfo(5). The first process, which waits for the tool, shares the
     * open file description with it. Empty if it has ended.
     */
    public OptionalLong inputPosition() {
        try {
            String information = Files.readString(Path.of("/proc/" + process.pid() + "/fdinfo/0"));
            return OptionalLong.of(Long.parseLong(information.substring(information.indexOf(':') + 1, information.indexOf('\n')).strip()));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Waits for the tool to end, for the given time at most. Returns whether it has ended. */
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

    /** Kills the tool immediately. Does not block. */
    public void kill() {
        process.destroyForcibly();
    }

    /**
     * Waits until the tool has ended.
     *
     * @throws Failure FAILED if it takes longer than the limit, in which case it is killed
     * @throws IOException if its output could not be read
     */
    public Ended await(Duration limit) throws IOException {
        try {
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                kill();
                throw new Failure(Failure.Kind.FAILED,
                        name + " was terminated because it took longer than " + limit.toMinutes() + " minutes");
            }
            outputReader.join();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        synchronized (capturedOutput) {
            if (readError.isPresent()) {
                throw readError.get();
            }
            String text = capturedOutput.toString(StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}&&[^\n]]", "");
            return new Ended(name, process.exitValue(), text);
        }
    }

    @Override
    public void close() {
        kill();
        output.ifPresent(CommandOutput::close);
    }
}
