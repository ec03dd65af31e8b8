package org.example.piimages.daemon.image;

import java.io.IOException;
import java.time.Duration;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.system.Passphrase;
import org.example.piimages.daemon.linux.file.PassedBytes;
import org.example.piimages.libc.Fd;

/** A passphrase as callers hand it over: in a file or pipe, never among the words of a call, which a bus may record. */
public final class CallerPassphrase {

    /** For whoever writes it into a pipe. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private CallerPassphrase() {
    }

    /**
     * Reads it to the end, every byte.
     *
     * @throws Failure INVALID_ARGUMENT when there is none, or more than {@link Passphrase#BYTE_LIMIT} bytes
     */
    public static Passphrase of(Fd fd) throws IOException {
        try {
            Passphrase passphrase = new Passphrase(PassedBytes.read(fd, Passphrase.BYTE_LIMIT, PATIENCE));
            if (passphrase.isEmpty()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, "it is empty");
            }
            return passphrase;
        } catch (Failure failure) {
            throw new Failure(failure.kind(), "cannot read the passphrase: " + failure.getMessage(), failure);
        }
    }
}
