package org.example.piimages.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;

/** Reads passwords from a file, from standard input or from the terminal, but never from the command line, which all users can see. */
public final class SecretInput {

    private static final String STANDARD_INPUT = "-";
    private static final int LIMIT = 4096;

    private final InputStream input;

    /** Creates a reader that uses this stream as standard input. */
    public SecretInput(InputStream input) {
        this.input = input;
    }

    /**
     * Returns the first line of the file, or of standard input for "-"; if that is a terminal, the user is asked twice.
     *
     * @param what the owner of the password, for the prompt
     */
    public String read(String option, String file, String what) {
        if (!file.equals(STANDARD_INPUT)) {
            return readFile(option, Path.of(file));
        }
        Console console = StandardStream.INPUT.isTerminal() ? System.console() : null;
        if (console != null) {
            return readPassword(console, what);
        }
        try {
            return firstLine(option, "standard input", input.readNBytes(LIMIT));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, option + ": cannot read standard input: " + e.getMessage());
        }
    }

    private static String readPassword(Console console, String what) {
        char[] first = console.readPassword("Password for %s: ", what);
        char[] second = console.readPassword("Repeat password: ");
        if (first == null || second == null || !Arrays.equals(first, second)) {
            throw new CommandFailure(ExitCode.USAGE, "the passwords do not match; nothing was written");
        }
        return new String(first);
    }

    private static String readFile(String option, Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            return firstLine(option, file.toString(), content.readNBytes(LIMIT));
        } catch (IOException e) {
            throw unreadable(option, file, e);
        }
    }

    /** Returns the failure of an option whose file cannot be read. */
    public static CommandFailure unreadable(String option, Path file, IOException why) {
        boolean missing = why instanceof NoSuchFileException;
        return new CommandFailure(missing ? ExitCode.NOT_FOUND : ExitCode.FAILED, option + ": cannot read " + file + ": "
                + (missing ? "no such file" : why.getMessage()));
    }

    private static String firstLine(String option, String name, byte[] content) {
        int end = 0;
        while (end < content.length && content[end] != '\n') {
            end++;
        }
        String line;
        try {
            line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content, 0, end)).toString().lines().findFirst().orElse("");
        } catch (CharacterCodingException e) {
            throw new CommandFailure(ExitCode.USAGE, option + ": the first line of " + name + " is not UTF-8 text, the encoding in which"
                    + " passwords are typed; convert it");
        }
        if (line.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, option + ": the first line of " + name + " is empty; it has to contain the password");
        }
        return line;
    }
}
