package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;

/** Runs stty(1) on the terminal that is standard input. */
final class Stty {

    private Stty() {
    }

    /** Returns the output without the newline; empty if stty cannot be started or standard input is not a terminal. */
    static String run(String argument) {
        try {
            Process stty = new ProcessBuilder("stty", argument).redirectInput(Redirect.INHERIT).redirectError(Redirect.DISCARD).start();
            return new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
