package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;

/** stty(1) on the terminal that standard input is. */
final class Stty {

    private Stty() {
    }

    /** What it prints, without the newline; empty when it cannot be run or standard input is no terminal. */
    static String run(String argument) {
        try {
            Process stty = new ProcessBuilder("stty", argument).redirectInput(Redirect.INHERIT).redirectError(Redirect.DISCARD).start();
            return new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
