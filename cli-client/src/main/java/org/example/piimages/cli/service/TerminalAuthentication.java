package org.example.piimages.cli.service;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.terminal.StandardStream;

/** Asks on the terminal with pkttyagent(1). In a graphical session the agent of the desktop takes precedence. */
public final class TerminalAuthentication implements Authentication {

    private boolean forbidden;
    private Process agent;

    @Override
    public void forbid() {
        forbidden = true;
    }

    @Override
    public synchronized boolean begin() {
        if (forbidden || !StandardStream.INPUT.isTerminal() || !StandardStream.ERROR.isTerminal()) {
            return false;
        }
        String self = Long.toString(ProcessHandle.current().pid());
        try {
            agent = new ProcessBuilder("pkttyagent", "--process", self, "--notify-fd", "1", "--fallback")
                    .redirectInput(Redirect.INHERIT).redirectError(Redirect.INHERIT).start();
            // pkttyagent closes its standard output when it has registered with polkit, or exits.
            agent.getInputStream().readAllBytes();
            return true;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.DENIED, "cannot ask for a password: " + e.getMessage() + "; install the package polkitd");
        }
    }

    @Override
    public Optional<byte[]> passphrase(String question) {
        if (forbidden || !StandardStream.INPUT.isTerminal() || !StandardStream.ERROR.isTerminal()) {
            return Optional.empty();
        }
        try {
            Process asking = new ProcessBuilder("systemd-ask-password", "--timeout=0", question).redirectInput(Redirect.INHERIT)
                    .redirectError(Redirect.INHERIT).start();
            byte[] typed = asking.getInputStream().readAllBytes();
            int length = typed.length > 0 && typed[typed.length - 1] == '\n' ? typed.length - 1 : typed.length;
            Optional<byte[]> passphrase = length == 0 ? Optional.empty() : Optional.of(Arrays.copyOf(typed, length));
            Arrays.fill(typed, (byte) 0);
            return passphrase;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.DENIED, "cannot ask for a passphrase: " + e.getMessage() + "; use --passphrase-file");
        }
    }

    @Override
    public synchronized void end() {
        if (agent != null) {
            agent.destroy();
            agent.onExit().join();
            agent = null;
        }
    }
}
