package org.example.piimages.dbus;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The values that a method call brought back. */
public final class Reply {

    /** As long as D-Bus clients usually wait. */
    private static final int LIMIT_SECONDS = 25;

    private final Object[] values;

    private Reply(Object[] values) {
        this.values = values;
    }

    /**
     * Waits for the answer. Throws {@link RemoteError} as the peer sent it, or NoReply when it sends nothing within 25 seconds;
     * UncheckedIOException when the bus is gone.
     */
    static Reply await(CompletableFuture<Object[]> answer, String peer) {
        try {
            return new Reply(answer.get(LIMIT_SECONDS, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            answer.cancel(false);
            throw late(peer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while waiting for a reply from " + peer));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RemoteError error) {
                throw error;
            }
            if (e.getCause() instanceof IOException error) {
                throw new UncheckedIOException(error);
            }
            throw new CompletionException(e.getCause());
        }
    }

    /** Lets a call's future fail with {@link RemoteError} NoReply when the peer does not answer within 25 seconds. */
    public static CompletableFuture<Object[]> limited(CompletableFuture<Object[]> answer, String peer) {
        return answer.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).exceptionallyCompose(error -> CompletableFuture.failedFuture(
                error instanceof TimeoutException ? late(peer) : error));
    }

    /** What a peer that is there and does not answer comes to. */
    private static RemoteError late(String peer) {
        return new RemoteError("org.freedesktop.DBus.Error.NoReply", peer + " did not reply within " + LIMIT_SECONDS + " s");
    }

    /** The value at an index; the caller knows its type from the method's signature. */
    public Object get(int index) {
        return values[index];
    }
}
