package org.example.piimages.cli;

import org.example.piimages.cli.service.SystemBus;
import org.example.piimages.cli.service.TerminalAuthentication;

/** The entry point of piimagesctl, the command line of PiImages. */
public final class Main {

    private Main() {
    }

    /** Executes a command. The exit status is one of {@code ExitCode}; for run and shell, that of the command in the image. */
    public static void main(String[] arguments) {
        Thread preparation = new Thread(SystemBus::prepare, "prepare");
        preparation.setDaemon(true);
        preparation.start();
        Program program = new Program(SystemBus::open, new TerminalAuthentication(), System.out, System.err);
        System.exit(program.run(arguments));
    }
}
