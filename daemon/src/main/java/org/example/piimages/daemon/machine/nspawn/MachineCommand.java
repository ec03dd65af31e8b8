package org.example.piimages.daemon.machine.nspawn;

import java.util.List;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * The command to run in a machine.
 *
 * @param command the program and its arguments; empty for the user's login shell, or if the image's own init runs
 * @param environment variables of the form NAME=VALUE
 * @param directory the working directory, an absolute path in the image; empty for nspawn's default
 * @param user the user of the image to run it as, by name or number; empty for root
 */
public record MachineCommand(List<String> command, List<String> environment, String directory, String user) {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);
    /** A name that useradd(8) accepts, or a number. */
    private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10}");

    /** Throws Failure INVALID_ARGUMENT for values that nspawn or systemd-run would misinterpret or reject. */
    public MachineCommand {
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        for (String variable : environment) {
            require(VARIABLE.matcher(variable).matches(), Printable.quoted(variable) + " is not NAME=VALUE");
        }
        require(directory.isEmpty() || directory.startsWith("/"), "the working directory " + Printable.quoted(directory)
                + " is not an absolute path in the image");
        require(user.isEmpty() || USER.matcher(user).matches(), Printable.quoted(user) + " is not a valid user name");
    }

    /** Returns the same with another command. */
    public MachineCommand withCommand(List<String> words) {
        return new MachineCommand(words, environment, directory, user);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, message);
        }
    }
}
