package org.example.piimages.cli;

import picocli.AutoComplete;

/** Prints the completion script for bash; run when the package is built. */
public final class BashCompletion {

    private BashCompletion() {
    }

    /** Takes no arguments. */
    public static void main(String[] arguments) {
        System.out.print(AutoComplete.bash(CommandTree.PROGRAM, CommandTree.complete()));
    }
}
