package org.example.piimages.cli.command.care;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.terminal.StandardStream;

/**
 * The data from standard input in a hidden file of the user, which is removed when this is closed or the process exits. A file is required
 * because archives are read from their ends, and jobs read only files.
 */
final class SpooledInput implements Closeable {

    private static final String NAME = "-";

    private final Path file;
    private final Thread hook;

    private SpooledInput(Path file) {
        this.file = file;
        this.hook = new Thread(this::remove, "remove-" + file.getFileName());
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Returns whether a parameter specifies standard input. */
    static boolean isStandardInput(File named) {
        return named.getPath().equals(NAME);
    }

    /**
     * Reads standard input to its end into a new file in a directory.
     *
     * @param usage the command that reads standard input, for an error message
     * @throws CommandFailure if standard input is a terminal, or the file cannot be written
     */
    static SpooledInput in(Path directory, InputStream input, String usage) {
        if (StandardStream.INPUT.isTerminal()) {
            throw new CommandFailure(ExitCode.USAGE,
                    "standard input is a terminal; pipe a download into it: curl URL | piimagesctl " + usage);
        }
        try {
            SpooledInput spool = new SpooledInput(Files.createTempFile(directory, ".standard-input-", ""));
            spool.fill(input);
            return spool;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot store standard input in " + Printable.of(String.valueOf(directory)) + ": "
                    + (e instanceof NoSuchFileException ? "no such directory" : e.getMessage()));
        }
    }

    private void fill(InputStream input) throws IOException {
        boolean filled = false;
        try (OutputStream content = Files.newOutputStream(file)) {
            input.transferTo(content);
            filled = true;
        } finally {
            if (!filled) {
                close();
            }
        }
    }

    ImageFile file() {
        return ImageFile.of(file.toFile());
    }

    private void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Not fatal: the directory is no longer writable; the name of the remaining file shows its purpose.
        }
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is already running.
        }
    }
}
