package org.example.piimages.dbus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The values that a method call brought back. */
public final class Reply {

    private final Object[] values;

    private Reply(Object[] values) {
        this.values = values;
    }

    /** Waits for the answer. Throws {@link RemoteError} as the peer sent it, UncheckedIOException when the bus is gone. */
    public static Reply await(CompletableFuture<Object[]> answer) {
        try {
            return new Reply(answer.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RemoteError error) {
                throw error;
            }
            if (e.getCause() instanceof IOException error) {
                throw new UncheckedIOException(error);
            }
            throw e;
        }
    }

    /** The value at an index; the caller knows its type from the method's signature. */
    public Object get(int index) {
        return values[index];
    }
}
