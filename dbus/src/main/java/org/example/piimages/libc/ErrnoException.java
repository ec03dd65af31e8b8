package org.example.piimages.libc;

import java.io.IOException;

/** Thrown if a C library function returns -1. The message is {@code function: strerror}, so that it can follow "cannot do X to FILE: ". */
public final class ErrnoException extends IOException {

    private final int errno;

    ErrnoException(String function, int errno) {
        super(function + ": " + Libc.strerror(errno));
        this.errno = errno;
    }

    /** Returns the error number; errno(3). */
    public int errno() {
        return errno;
    }

    /** Returns the text of strerror(3) without the function's name, for messages to users. */
    public String reason() {
        return Libc.strerror(errno);
    }
}
