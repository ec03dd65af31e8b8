package org.example.piimages.daemon.machine.nspawn;

import java.util.List;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * What is to run in a machine.
 *
 * @param command the program and its arguments; empty for the user's login shell, or where the image's own init is what runs
 * @param environment NAME=VALUE each
 * @param directory working directory in the image; empty for nspawn's choice
 * @param user whom in the image to run it as; empty for root
 */
public record Task(List<String> command, List<String> environment, String directory, String user) {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);
    /** As useradd(8) takes it, or a number. */
    private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10}");

    /** Throws Failure INVALID_ARGUMENT for what nspawn or systemd-run would take for something else, or not at all. */
    public Task {
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        for (String variable : environment) {
            require(VARIABLE.matcher(variable).matches(), Printable.quoted(variable) + " is not NAME=VALUE");
        }
        require(directory.isEmpty() || directory.startsWith("/"), "the working directory " + Printable.quoted(directory)
                + " is not an absolute path in the image");
        require(user.isEmpty() || USER.matcher(user).matches(), Printable.quoted(user) + " is not a valid user name");
    }

    /** The same with another command. */
    public Task withCommand(List<String> words) {
        return new Task(words, environment, directory, user);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, message);
        }
    }
}
