package org.example.piimages.daemon.bus.gate;

import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The D-Bus error that an exception is reported as.
 *
 * @param name the D-Bus error name
 * @param text one line of text for the user
 */
public record BusError(String name, String text) {

    private static final String UNEXPECTED = "unexpected error in piimagesd; for details see: journalctl -u piimagesd";
    private static final Logger LOG = LoggerFactory.getLogger(BusError.class);

    /**
     * The errors of the D-Bus specification that are passed on under their own names. Other errors come from services that the caller did
     * not call, and are reported as Failed.
     */
    private static final Set<String> STANDARD = Set.of(Names.INTERACTIVE_AUTHORIZATION_REQUIRED, Names.UNKNOWN_OBJECT,
            Names.UNKNOWN_INTERFACE, Names.UNKNOWN_METHOD, Names.UNKNOWN_PROPERTY, Names.PROPERTY_READ_ONLY, Names.INVALID_ARGS);

    /** Returns the error to send to the caller. Errors that only the administrator can act on are also written to the journal. */
    static BusError logged(Throwable thrown) {
        Throwable error = cause(thrown);
        BusError busError = of(error);
        if (error instanceof ErrnoException) {
            LOG.warn("a system call failed", error);
        } else if (busError.text().equals(UNEXPECTED)) {
            LOG.error("unexpected", error);
        }
        return busError;
    }

    private static Throwable cause(Throwable thrown) {
        Throwable error = thrown;
        while ((error instanceof CompletionException || error instanceof ExecutionException || error instanceof UncheckedIOException)
                && error.getCause() != null) {
            error = error.getCause();
        }
        return error;
    }

    /** Returns the D-Bus error for an exception. An unexpected exception becomes a Failed that reveals nothing about its cause. */
    public static BusError of(Throwable thrown) {
        Throwable error = cause(thrown);
        if (error instanceof Failure failure) {
            return new BusError(failure.kind().errorName(), failure.getMessage());
        }
        if (error instanceof RemoteError remote) {
            boolean standard = STANDARD.contains(remote.errorName());
            return new BusError(standard ? remote.errorName() : Failure.Kind.FAILED.errorName(), remote.getMessage());
        }
        if (error instanceof ErrnoException errno) {
            return new BusError(kind(errno.errno()).errorName(), errno.getMessage());
        }
        if (error instanceof FileSystemException file && file.getReason() != null) {
            return new BusError(kind(file.getReason()).errorName(), "cannot use " + file.getFile() + ": " + file.getReason());
        }
        if (error instanceof RejectedExecutionException) {
            return new BusError(Failure.Kind.LIMIT_EXCEEDED.errorName(), "piimagesd has reached its limit of calls in progress; try again");
        }
        if (error instanceof CancellationException) {
            return new BusError(Failure.Kind.CANCELLED.errorName(), error.getMessage() == null ? "cancelled" : error.getMessage());
        }
        return new BusError(Failure.Kind.FAILED.errorName(), UNEXPECTED);
    }

    /** The kind of a failure of Java's own file operations, which report the reason only as the text of strerror(3). */
    private static Failure.Kind kind(String reason) {
        return switch (reason) {
            case "No space left on device", "Disk quota exceeded" -> Failure.Kind.NO_SPACE;
            case "Device or resource busy" -> Failure.Kind.BUSY;
            default -> Failure.Kind.FAILED;
        };
    }

    private static Failure.Kind kind(int errno) {
        return switch (errno) {
            case Errno.ENOSPC, Errno.EDQUOT -> Failure.Kind.NO_SPACE;
            case Errno.EBUSY -> Failure.Kind.BUSY;
            case Errno.ENOSYS, Errno.EOPNOTSUPP -> Failure.Kind.UNSUPPORTED;
            default -> Failure.Kind.FAILED;
        };
    }
}
