package org.example.piimages.dbus;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The values of the reply to a method call. */
public final class Reply {

    /** The usual timeout of D-Bus clients. */
    private static final int TIMEOUT_SECONDS = 25;

    private final Object[] values;

    private Reply(Object[] values) {
        this.values = values;
    }

    /**
     * Waits for the reply.
     *
     * @throws RemoteError as sent by the peer, or NoReply if it does not reply within 25 seconds
     * @throws UncheckedIOException if the connection is lost or the thread is interrupted
     */
    static Reply await(CompletableFuture<Object[]> answer, String peer) {
        try {
            return new Reply(answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            answer.cancel(false);
            throw noReply(peer);
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

    /** Returns a future that fails with {@link RemoteError} NoReply if the peer does not reply within 25 seconds. */
    public static CompletableFuture<Object[]> withTimeout(CompletableFuture<Object[]> answer, String peer) {
        return answer.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).exceptionallyCompose(error -> CompletableFuture.failedFuture(
                error instanceof TimeoutException ? noReply(peer) : error));
    }

    /** The error for a peer that exists but does not reply. */
    private static RemoteError noReply(String peer) {
        return new RemoteError("org.freedesktop.DBus.Error.NoReply", peer + " did not reply within " + TIMEOUT_SECONDS + " s");
    }

    /** Returns the value at an index; the caller knows its type from the method's signature. */
    public Object get(int index) {
        return values[index];
    }
}
