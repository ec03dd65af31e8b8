package org.example.piimages.faults;

import java.util.Set;

/** What a step is, by which it is clear how it can fail. */
enum Kind {
    /** A call of the C library's that may change something: fails with an errno. */
    CALL(true, true),
    /** One that only looks. */
    LOOK(false, true),
    /** A change by {@code java.nio.file.Files}. */
    CHANGE(true, true),
    /** A look by it. */
    READ(false, true),
    /** A change that says whether it was made. */
    TRIAL(true, false),
    /** The start of a tool. */
    START(true, true),
    /** How a tool ended. */
    EXIT(true, false),
    /** Waiting for a tool, with a limit. */
    WAIT(true, false),
    /** Asking another program on the bus. */
    ASK(true, false),
    /** An answer or a signal to others. */
    TELL(true, false);

    private static final Set<String> LOOKS = Set.of("read", "pread", "pread64", "fstat", "fstatfs", "statx", "lseek", "getpagesize",
            "readlinkat", "fgetxattr", "getxattr", "sysconf", "poll");
    private static final Set<String> CHANGES = Set.of("createDirectory", "createDirectories", "createFile", "createTempFile", "write",
            "writeString", "move", "delete", "deleteIfExists", "setPosixFilePermissions");
    private static final Set<String> READS = Set.of("readString", "readAllBytes", "readAllLines", "lines", "list", "newDirectoryStream",
            "readSymbolicLink");

    /** Whether it divides two states, so that dying before it is another death than dying before the one that was before. */
    final boolean divides;
    /** Whether it fails with an error number. */
    final boolean hasErrno;

    Kind(boolean divides, boolean hasErrno) {
        this.divides = divides;
        this.hasErrno = hasErrno;
    }

    /**
     * What calling a method is; null when it is no step.
     *
     * @param function the C function where the method calls one
     */
    static Kind of(String owner, String method, String descriptor, String function) {
        return switch (owner) {
            case "org/example/piimages/libc/Libc" -> method.startsWith("call") && !method.equals("callInfallible")
                    || method.equals("syscall")
                            ? LOOKS.contains(function) ? LOOK : CALL : null;
            case "java/nio/file/Files" -> CHANGES.contains(method) ? CHANGE : READS.contains(method) ? READ : null;
            case "java/io/File" -> method.equals("delete") ? TRIAL : null;
            case "java/lang/ProcessBuilder" -> method.equals("start") ? START : null;
            case "java/lang/Process" -> method.equals("exitValue") ? EXIT
                    : method.equals("waitFor") && descriptor.endsWith(")Z") ? WAIT : null;
            case "org/example/piimages/dbus/BusConnection", "org/example/piimages/dbus/Peer" -> switch (method) {
                case "call", "callAsync" -> ASK;
                case "reply", "replyError", "signal" -> TELL;
                default -> null;
            };
            default -> null;
        };
    }
}
