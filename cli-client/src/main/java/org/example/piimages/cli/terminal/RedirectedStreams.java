package org.example.piimages.cli.terminal;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** The files that a command uses as standard input, output and error instead of those of this process. */
public final class RedirectedStreams implements Closeable {

    private static final Path DEV_NULL = Path.of("/dev/null");

    private final List<Fd> opened = new ArrayList<>();
    private int input;
    private int output = StandardStream.OUTPUT.fd();
    private int errors = StandardStream.ERROR.fd();

    private RedirectedStreams() {
    }

    /**
     * Opens the files.
     *
     * @param input the file for standard input; null for empty input
     * @param output an existing file for standard output; null for the standard output of this process
     * @param errors an existing file for standard error, which may be the same; null for the standard error of this process
     * @throws CommandFailure if a file cannot be opened
     */
    public static RedirectedStreams open(Path input, Path output, Path errors) {
        RedirectedStreams streams = new RedirectedStreams();
        boolean isReady = false;
        try {
            streams.input = streams.open(input == null ? DEV_NULL : input, OpenFlags.O_RDONLY);
            if (output != null) {
                streams.output = streams.open(output, OpenFlags.O_WRONLY);
            }
            if (errors != null) {
                // A file that is opened twice would have two positions, and one stream would overwrite the other.
                streams.errors = errors.equals(output) ? streams.output : streams.open(errors, OpenFlags.O_WRONLY);
            }
            isReady = true;
            return streams;
        } finally {
            if (!isReady) {
                streams.close();
            }
        }
    }

    private int open(Path file, int flags) {
        try {
            Fd fd = new Fd(Libc.call("open", file.toString(), flags | OpenFlags.O_CLOEXEC));
            opened.add(fd);
            return fd.number();
        } catch (ErrnoException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot open " + file + ": " + e.getMessage());
        }
    }

    /** Returns the file descriptor for standard input. */
    public int input() {
        return input;
    }

    /** Returns the file descriptor for standard output. */
    public int output() {
        return output;
    }

    /** Returns the file descriptor for standard error. */
    public int errors() {
        return errors;
    }

    @Override
    public void close() {
        opened.forEach(Fd::close);
    }
}
