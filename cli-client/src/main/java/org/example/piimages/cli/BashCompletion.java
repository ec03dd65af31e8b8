package org.example.piimages.cli;

import picocli.AutoComplete;

/** Prints the completion script for bash; run when the package is built. */
public final class BashCompletion {

    private BashCompletion() {
    }

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        String script = AutoComplete.bash(CommandTree.PROGRAM, CommandTree.complete());
        // Bash reads it, nobody executes it.
        System.out.print(script.substring(script.indexOf('\n') + 1));
    }
}
