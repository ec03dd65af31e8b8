package org.example.piimages.cli.terminal;

import java.io.Closeable;
import java.nio.file.Path;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** The files that a command uses as standard input and output instead of those of this process. */
public final class RedirectedStreams implements Closeable {

    private static final Path DEV_NULL = Path.of("/dev/null");

    private final Fd input;
    private final Fd output;

    private RedirectedStreams(Fd input, Fd output) {
        this.input = input;
        this.output = output;
    }

    /**
     * Opens the files.
     *
     * @param input the file for standard input; null for empty input
     * @param output an existing file for standard output; null for the standard output of this process
     * @throws CommandFailure if a file cannot be opened
     */
    public static RedirectedStreams open(Path input, Path output) {
        Fd opened = open(input == null ? DEV_NULL : input, OpenFlags.O_RDONLY);
        boolean isReady = false;
        try {
            RedirectedStreams streams = new RedirectedStreams(opened, output == null ? null : open(output, OpenFlags.O_WRONLY));
            isReady = true;
            return streams;
        } finally {
            if (!isReady) {
                opened.close();
            }
        }
    }

    private static Fd open(Path file, int flags) {
        try {
            return new Fd(Libc.call("open", file.toString(), flags | OpenFlags.O_CLOEXEC));
        } catch (ErrnoException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot open " + file + ": " + e.getMessage());
        }
    }

    /** Returns the file descriptor for standard input. */
    public int input() {
        return input.number();
    }

    /** Returns the file descriptor for standard output. */
    public int output() {
        return output == null ? StandardStream.OUTPUT.fd() : output.number();
    }

    @Override
    public void close() {
        input.close();
        if (output != null) {
            output.close();
        }
    }
}
