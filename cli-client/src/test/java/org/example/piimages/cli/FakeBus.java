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

/** A bus that answers as it is told and remembers what it was asked. */
public final class FakeBus implements Bus {

    /** A call that arrived. */
    public record Sent(Call call, boolean interactive) {
    }

    public final List<Sent> sent = new ArrayList<>();
    boolean needsPassword;
    boolean passedFds;
    boolean closed;
    /** How many signals somebody still listens to. */
    int listeners;
    private final Map<String, Function<Call, Object>> answers = new HashMap<>();

    /** Answers calls of a method with a value, or with an error where the function throws one. */
    public FakeBus answer(String member, Function<Call, Object> answer) {
        answers.put(member, answer);
        return this;
    }

    /** Answers calls of a method with an error. */
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
        // No machine ever starts here.
        return listening();
    }

    private Listening listening() {
        listeners++;
        return () -> listeners--;
    }

    @Override
    public Listening onSignal(String path, String interfaceName, String member, Consumer<Object[]> listener) {
        // Jobs here end before they could say anything.
        return listening();
    }

    @Override
    public void close() {
        closed = true;
    }
}
