package org.example.piimages.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.example.piimages.cli.service.Bus;
import org.example.piimages.cli.service.Call;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;

/** A fake bus that records method calls and returns prepared replies. */
public final class FakeBus implements Bus {

    /** A method call that was sent. */
    public record Sent(Call call, boolean interactive) {
    }

    public final List<Sent> sent = new ArrayList<>();
    boolean needsPassword;
    boolean passedFds;
    boolean closed;
    /** The number of signal handlers that were not closed. */
    int listeners;
    private final Map<String, Function<Call, Object>> answers = new HashMap<>();

    /** Prepares the reply to calls of a method: the value of the function, or the error that it throws. */
    public FakeBus answer(String member, Function<Call, Object> answer) {
        answers.put(member, answer);
        return this;
    }

    /** Prepares an error as the reply to calls of a method. */
    public FakeBus fail(String member, String errorName, String text) {
        return answer(member, call -> {
            throw new RemoteError(errorName, text);
        });
    }

    @Override
    public String name() {
        return ":1.1";
    }

    @Override
    public CompletableFuture<Object[]> send(Call call, boolean interactive) {
        sent.add(new Sent(call, interactive));
        if (needsPassword && !interactive && !call.member().startsWith("Get") && !call.member().startsWith("List")) {
            return CompletableFuture.failedFuture(new RemoteError(Names.INTERACTIVE_AUTHORIZATION_REQUIRED, "interactive"));
        }
        try {
            return CompletableFuture.completedFuture(new Object[] {answers.get(call.member()).apply(call)});
        } catch (RemoteError e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Listening onManagerSignal(String member, Consumer<Object[]> listener) {
        // Never called: no machine starts here.
        return listening();
    }

    private Listening listening() {
        listeners++;
        return () -> listeners--;
    }

    @Override
    public Listening onSignal(String path, String interfaceName, String member, Consumer<Object[]> listener) {
        // Never called: jobs end here before they send signals.
        return listening();
    }

    @Override
    public void close() {
        closed = true;
    }
}
