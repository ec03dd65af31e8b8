package org.example.piimages.contract;

/**
 * A request that could not be carried out, for a reason that is part of the contract.
 *
 * <p>It travels unchanged from where it is found to the client: {@link Kind#errorName()} becomes the D-Bus error name, the message its
 * text. The message is one line for people: what could not be done, on which file, why, and what to do next. It never carries a path that
 * the caller did not name, a class name or a stack trace.
 */
public final class Failure extends RuntimeException {

    /** The kind of a failure, for programs. The D-Bus error name is {@code org.example.PiImages.Error.} followed by the CamelCase name. */
    public enum Kind {
        /** The file, image, machine or interpreter named in the call does not exist. */
        NOT_FOUND("NotFound"),
        /** The caller's own rights do not let them open the file. */
        ACCESS_DENIED("AccessDenied"),
        /** polkit does not allow the caller to do this. */
        NOT_AUTHORIZED("NotAuthorized"),
        /** The authentication dialog was shown and dismissed. */
        AUTHORIZATION_DISMISSED("AuthorizationDismissed"),
        /**
         * The file is not a disk image that PiImages supports: not a regular file, no partition table, truncated, overlapping partitions,
         * no Linux partition.
         */
        INVALID_IMAGE("InvalidImage"),
        /** The image is valid, but this kernel or host lacks what it needs (a filesystem, a CPU). */
        UNSUPPORTED("Unsupported"),
        /** The part of the image to be used is encrypted, and no passphrase or a wrong one was given. */
        LOCKED("Locked"),
        /** No emulator for the image's CPU is installed or can be registered. */
        NO_EMULATOR("NoEmulator"),
        /** The image, its file or a mount point is in use. */
        BUSY("Busy"),
        /** The image is not mounted, so the request makes no sense. */
        NOT_MOUNTED("NotMounted"),
        /** The kernel has no free loop device and cannot make another. */
        NO_LOOP_DEVICE("NoLoopDevice"),
        /** No space is left on the device. */
        NO_SPACE("NoSpace"),
        /** The command does not exist in the image; a shell would exit with 127. */
        COMMAND_NOT_FOUND("CommandNotFound"),
        /** The command exists in the image but cannot be executed; a shell would exit with 126. */
        COMMAND_NOT_EXECUTABLE("CommandNotExecutable"),
        /** An option is unknown or has the wrong type, or an argument is malformed. */
        INVALID_ARGUMENT("InvalidArgument"),
        /** The caller holds as many images, machines or calls as one user may. */
        LIMIT_EXCEEDED("LimitExceeded"),
        /** The operation was cancelled, by the caller or because the caller left the bus. */
        CANCELLED("Cancelled"),
        /** A system call, a tool or a service failed; the message says which and why. */
        FAILED("Failed");

        /** The prefix of all error names of this service. */
        public static final String PREFIX = "org.example.PiImages.Error.";

        private final String errorName;

        Kind(String name) {
            this.errorName = PREFIX + name;
        }

        /** Returns the D-Bus error name, for example {@code org.example.PiImages.Error.NotFound}. */
        public String errorName() {
            return errorName;
        }
    }

    private final Kind kind;

    /** Creates a failure with a one-line message for users; neither argument is null. */
    public Failure(Kind kind, String message) {
        this(kind, message, null);
    }

    /** Creates a failure caused by another exception; {@code cause} is logged to the journal, never sent to the bus, and may be null. */
    public Failure(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Returns the kind of the failure; never null. */
    public Kind kind() {
        return kind;
    }
}
