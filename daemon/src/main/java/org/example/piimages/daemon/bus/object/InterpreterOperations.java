package org.example.piimages.daemon.bus.object;

import java.util.concurrent.CompletableFuture;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.emulation.Interpreters;

/**
 * Implements the methods that register and unregister interpreters. A registration that stays while no machine uses it is the
 * administrator's decision.
 */
public final class InterpreterOperations {

    private final ImageOperations imageOperations;
    private final Interpreters interpreters;

    public InterpreterOperations(ImageOperations imageOperations, Interpreters interpreters) {
        this.imageOperations = imageOperations;
        this.interpreters = interpreters;
    }

    CompletableFuture<Object[]> register(Call call) {
        return change(call, () -> {
            interpreters.register(call.string(0));
            return new Object[0];
        });
    }

    CompletableFuture<Object[]> unregister(Call call) {
        return change(call, () -> {
            interpreters.unregister(call.string(0));
            return new Object[0];
        });
    }

    private CompletableFuture<Object[]> change(Call call, ImageOperations.Work<Object[]> work) {
        Interpreters.requireKnown(call.string(0));
        return imageOperations.ifAuthorized(call, Action.MANAGE_INTERPRETERS, call.string(0), work);
    }
}
