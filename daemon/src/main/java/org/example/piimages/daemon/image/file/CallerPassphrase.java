package org.example.piimages.daemon.image.file;

import java.io.IOException;
import java.time.Duration;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.system.Passphrase;
import org.example.piimages.daemon.linux.file.PassedData;
import org.example.piimages.libc.Fd;

/** Reads passphrases from callers: from a file or pipe, never from the arguments of a call, which a bus monitor may record. */
public final class CallerPassphrase {

    /** The time within which the caller has to write the passphrase into a pipe. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private CallerPassphrase() {
    }

    /**
     * Reads the passphrase up to end of file; a trailing newline is part of it.
     *
     * @param account the account of the caller
     * @throws Failure INVALID_ARGUMENT if it is empty or longer than {@link Passphrase#BYTE_LIMIT} bytes
     */
    public static Passphrase of(Fd fd, int account) throws IOException {
        try {
            Passphrase passphrase = new Passphrase(PassedData.read(fd, Passphrase.BYTE_LIMIT, TIMEOUT), account);
            if (passphrase.isEmpty()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, "it is empty");
            }
            return passphrase;
        } catch (Failure failure) {
            throw new Failure(failure.kind(), "cannot read the passphrase: " + failure.getMessage(), failure);
        }
    }
}
