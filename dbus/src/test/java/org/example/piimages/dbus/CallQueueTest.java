package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class CallQueueTest {

    /** The calls made so far, as the futures that the bus would complete. */
    private final List<CompletableFuture<Object[]>> made = new ArrayList<>();
    private final CallQueue queue = new CallQueue(2);

    private CompletableFuture<Object[]> add() {
        return queue.add(() -> {
            CompletableFuture<Object[]> answer = new CompletableFuture<>();
            made.add(answer);
            return answer;
        });
    }

    @Test
    void callBeyondLimitWaitsForReply() {
        add();
        CompletableFuture<Object[]> second = add();
        CompletableFuture<Object[]> third = add();
        assertEquals(2, made.size());
        made.get(1).complete(new Object[] {"yes"});
        assertArrayEquals(new Object[] {"yes"}, second.join());
        assertEquals(3, made.size());
        made.get(2).completeExceptionally(new RemoteError("a.b", "no"));
        assertThrows(CompletionException.class, third::join);
    }

    @Test
    void cancelledCallCountsUntilAnswered() {
        add().cancel(false);
        add();
        add();
        assertEquals(2, made.size());
        made.get(0).complete(new Object[0]);
        assertEquals(3, made.size());
    }

    @Test
    void cancelledQueuedCallIsNotMade() {
        add();
        add();
        CompletableFuture<Object[]> given = add();
        CompletableFuture<Object[]> last = add();
        given.cancel(false);
        made.get(0).complete(new Object[0]);
        assertEquals(3, made.size());
        made.get(2).complete(new Object[] {"last"});
        assertArrayEquals(new Object[] {"last"}, last.join());
    }

    @Test
    void callAnsweredAtOnceFreesItsSlot() {
        for (int turn = 0; turn < 1000; turn++) {
            assertFalse(queue.add(() -> CompletableFuture.failedFuture(new RemoteError("a.b", "gone"))).complete(new Object[0]));
        }
        add();
        add();
        assertEquals(2, made.size());
    }
}
