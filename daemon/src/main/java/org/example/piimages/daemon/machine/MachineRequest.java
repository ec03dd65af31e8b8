package org.example.piimages.daemon.machine;

import java.util.List;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Printable;

/**
 * What to run in an image.
 *
 * @param name what the machine shall be called; empty to make a name of the file's
 * @param command the program and its arguments, one at least
 * @param environment NAME=VALUE each
 * @param directory working directory in the image; empty for nspawn's choice
 * @param user whom in the image to run it as; empty for root
 * @param readOnly whether the image is to stay as it is
 * @param streams where it reads and writes
 */
public record MachineRequest(String name, List<String> command, List<String> environment, String directory, String user,
        boolean readOnly, Streams streams) {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);
    /** As useradd(8) takes it, or a number. */
    private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10}");

    /** Throws Failure INVALID_ARGUMENT for what nspawn would take for something else, or not at all. */
    public MachineRequest {
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        for (String variable : environment) {
            require(VARIABLE.matcher(variable).matches(), Printable.quoted(variable) + " is not NAME=VALUE");
        }
        require(directory.isEmpty() || directory.startsWith("/"), "the working directory " + Printable.quoted(directory)
                + " is not an absolute path in the image");
        require(user.isEmpty() || USER.matcher(user).matches(), Printable.quoted(user) + " is not a user's name");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, message);
        }
    }
}
