package org.example.piimages.libc;

import java.io.IOException;

/** A C library function returned -1. The message is {@code function: strerror}, so that it can stand behind "cannot do X to FILE: ". */
public final class ErrnoException extends IOException {

    private final int errno;

    ErrnoException(String function, int errno) {
        super(function + ": " + Libc.strerror(errno));
        this.errno = errno;
    }

    /** The error number, one of those errno(3) lists. */
    public int errno() {
        return errno;
    }

    /** What strerror(3) says of it, without the function's name: for messages to people. */
    public String reason() {
        return Libc.strerror(errno);
    }
}
