package org.example.piimages.cli;

import org.example.piimages.cli.service.SystemBus;
import org.example.piimages.cli.service.TerminalAuthentication;

/** piimagesctl: the command line of PiImages. */
public final class Main {

    private Main() {
    }

    /** Carries out one command; the exit status is one of {@code ExitCode}, or from run the command's own. */
    public static void main(String[] arguments) {
        Thread preparation = new Thread(SystemBus::prepare, "prepare");
        preparation.setDaemon(true);
        preparation.start();
        Program program = new Program(SystemBus::open, new TerminalAuthentication(), System.out, System.err);
        System.exit(program.run(arguments));
    }
}
