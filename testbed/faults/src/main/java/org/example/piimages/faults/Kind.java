package org.example.piimages.faults;

import java.util.Set;

/** The kinds of steps, which differ in how they can fail. */
enum Kind {
    /** A call of the C library that may change something; fails with an error number. */
    CALL,
    /** A call of the C library that changes nothing; fails with an error number. */
    LOOK,
    /** A change by {@code java.nio.file.Files}. */
    CHANGE,
    /** Reading by {@code java.nio.file.Files}. */
    READ,
    /** A change whose return value says whether it was made. */
    TRIAL,
    /** Starting a tool. */
    START,
    /** Querying the exit status of a tool. */
    EXIT,
    /** Waiting for a tool, with a time limit. */
    WAIT,
    /** A call of another program on the bus. */
    ASK,
    /** A reply or a signal to others. */
    TELL;

    private static final Set<String> LOOKS = Set.of("read", "pread", "pread64", "fstat", "fstatfs", "statx", "lseek", "getpagesize",
            "readlinkat", "fgetxattr", "getxattr", "sysconf", "poll");
    private static final Set<String> CHANGES = Set.of("createDirectory", "createDirectories", "createFile", "createTempFile", "write",
            "writeString", "move", "delete", "deleteIfExists", "setPosixFilePermissions");
    private static final Set<String> READS = Set.of("readString", "readAllBytes", "readAllLines", "lines", "list", "newDirectoryStream",
            "readSymbolicLink");

    /**
     * Returns the kind of step that a call of a method is; null if it is not a step.
     *
     * @param function the C function, if the method calls one
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
