package org.example.piimages.cli.failure;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;

/** Converts errors of the bus to messages and exit statuses for the user. */
public final class ErrorText {

    private static final String JOURNAL = "; see: journalctl --unit=piimagesd";
    private static final String NOT_INSTALLED = "the PiImages service is not installed on this machine; install the package piimages";
    private static final String NOT_STARTED = "the PiImages service did not start";
    private static final String SERVICE_EXITED = "the PiImages service exited before it replied" + JOURNAL;

    /**
     * Errors of the bus itself, whose messages are about names, units and replies. Messages of the PiImages service are shown unchanged.
     */
    private static final Map<String, CommandFailure> BUS_ERRORS = Map.of(
            "ServiceUnknown", new CommandFailure(ExitCode.UNREACHABLE, NOT_INSTALLED),
            "NameHasNoOwner", new CommandFailure(ExitCode.UNREACHABLE, NOT_INSTALLED),
            "NoReply", new CommandFailure(ExitCode.UNREACHABLE, SERVICE_EXITED),
            "Disconnected", new CommandFailure(ExitCode.UNREACHABLE, SERVICE_EXITED),
            "TimedOut", new CommandFailure(ExitCode.UNREACHABLE, NOT_STARTED + " in time" + JOURNAL),
            "InteractiveAuthorizationRequired", new CommandFailure(ExitCode.DENIED, "this requires an administrator's password, and there"
                    + " is no way to ask for it; use a terminal, sudo, or a polkit rule (piimagesctl(1), AUTHORISATION)"),
            "UnknownObject", new CommandFailure(ExitCode.NOT_FOUND, "it no longer exists: it was unmounted or has ended in the meantime"));

    private static final String BUS_PREFIX = "org.freedesktop.DBus.Error.";

    private ErrorText() {
    }

    /** Returns the failure to report for an exception that ended a command; never null. */
    public static CommandFailure of(Throwable problem) {
        if (problem instanceof CommandFailure failure) {
            return failure;
        }
        if (problem instanceof RemoteError error) {
            return ofRemote(error);
        }
        if (problem instanceof IOException) {
            return new CommandFailure(ExitCode.UNREACHABLE, "the connection to the message bus was lost: " + problem.getMessage());
        }
        if (problem instanceof StackOverflowError || problem instanceof OutOfMemoryError) {
            return new CommandFailure(ExitCode.FAILED, "a file or a reply is too large, or too deeply nested, for the available memory"
                    + " (" + problem + ")");
        }
        return new CommandFailure(ExitCode.FAILED, "internal error; please report it: " + problem);
    }

    private static CommandFailure ofRemote(RemoteError error) {
        String name = error.errorName();
        if (name.startsWith(Failure.Kind.PREFIX)) {
            return new CommandFailure(exitCode(name), error.getMessage());
        }
        if (name.startsWith(BUS_PREFIX + "Spawn.") || name.startsWith("org.freedesktop.systemd1.")) {
            return new CommandFailure(ExitCode.UNREACHABLE, NOT_STARTED + ": " + error.getMessage() + JOURNAL);
        }
        if (name.equals(BUS_PREFIX + "AccessDenied")) {
            return new CommandFailure(ExitCode.DENIED,
                    "the message bus does not allow you to call the PiImages service: " + error.getMessage());
        }
        if (name.equals(Names.UNKNOWN_METHOD) || name.equals(Names.UNKNOWN_INTERFACE)) {
            return new CommandFailure(ExitCode.FAILED, "the running PiImages service has another version; restart it:"
                    + " systemctl restart piimagesd");
        }
        CommandFailure known = name.startsWith(BUS_PREFIX) ? BUS_ERRORS.get(name.substring(BUS_PREFIX.length())) : null;
        return known != null ? known : new CommandFailure(ExitCode.FAILED, error.getMessage() + " (" + name + ")");
    }

    private static int exitCode(String errorName) {
        for (Failure.Kind kind : Failure.Kind.values()) {
            if (kind.errorName().equals(errorName)) {
                return exitCode(kind);
            }
        }
        return ExitCode.FAILED;
    }

    private static int exitCode(Failure.Kind kind) {
        return switch (kind) {
            case NOT_FOUND, NOT_MOUNTED -> ExitCode.NOT_FOUND;
            case ACCESS_DENIED, NOT_AUTHORIZED, AUTHORIZATION_DISMISSED -> ExitCode.DENIED;
            case BUSY -> ExitCode.BUSY;
            case INVALID_ARGUMENT -> ExitCode.USAGE;
            case COMMAND_NOT_FOUND -> ExitCode.COMMAND_NOT_FOUND;
            case COMMAND_NOT_EXECUTABLE -> ExitCode.COMMAND_NOT_EXECUTABLE;
            default -> ExitCode.FAILED;
        };
    }
}
