package org.example.piimages.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;

/** Asks for confirmation before data is overwritten. */
public final class Confirmation {

    private final BufferedReader answers;
    private final PrintStream questions;

    /**
     * Creates a confirmation that asks on one stream and reads from another.
     *
     * @param answers the user's answers; null if no user can be asked
     */
    public Confirmation(BufferedReader answers, PrintStream questions) {
        this.answers = answers;
        this.questions = questions;
    }

    /** Returns a confirmation that asks on the terminal, if standard input is one. */
    public static Confirmation onTerminal() {
        boolean somebody = StandardStream.INPUT.isTerminal();
        return new Confirmation(somebody ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)) : null, System.err);
    }

    /** Asks, and returns if the answer is "y" or "yes". Throws {@link CommandFailure} on any other answer, or if no user can be asked. */
    public void require(String facts, String question) {
        if (answers == null) {
            throw new CommandFailure(ExitCode.USAGE, "standard input is not a terminal, so confirmation is not possible; to confirm"
                    + " in advance, use --yes");
        }
        questions.print(facts + System.lineSeparator() + question + " [y/N] ");
        questions.flush();
        String answer = answer();
        if (!answer.equalsIgnoreCase("y") && !answer.equalsIgnoreCase("yes")) {
            throw new CommandFailure(ExitCode.FAILED, "not confirmed; nothing was written");
        }
    }

    private String answer() {
        try {
            String line = answers.readLine();
            return line == null ? "" : line.strip();
        } catch (IOException e) {
            return "";
        }
    }
}
