package org.example.piimages.daemon.bus.gate;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.IncomingMessage;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts all calls. For each call, it identifies the sender, applies the sender's limits, looks up the object, interface and method, and
 * compares the types of the arguments with the contract. Every call gets exactly one reply, which is sent here.
 */
public final class Gate {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private static final int CALL_COST = 1 << 10;
    private static final int DESCRIPTOR_COST = 4 << 10;

    private final BusConnection bus;
    private final Contract contract;
    private final ObjectTree objects;
    private final Callers callers;
    private final CallLimits limits;
    private final UnreadReplies unreadReplies;
    private final Activity activity = new Activity();
    private final CallThreads threads;

    /** A gate to the objects. Their methods run in {@code threads}, and may block there. */
    public Gate(BusConnection bus, Contract contract, ObjectTree objects, CallThreads threads) {
        this.bus = bus;
        this.contract = contract;
        this.objects = objects;
        this.callers = new Callers(bus);
        this.limits = new CallLimits();
        this.unreadReplies = new UnreadReplies(this::queuedBytes);
        this.threads = threads;
    }

    /** Accepts a call. Called in the thread that reads the bus; does not block. */
    public void accept(IncomingMessage message) {
        List<Fd> enclosed = message.descriptors().stream().map(Fd::new).toList();
        long size = size(message);
        long received = System.nanoTime();
        activity.begin();
        CompletableFuture<Caller> identified = limits.identifying(message.sender(), size, () -> callers.of(message));
        identified.thenCompose(caller -> limits.within(caller.account(), size, () -> handle(message, caller, enclosed, received)))
                .whenComplete((answer, error) -> {
                    // Closes them also if the method was never called.
                    enclosed.forEach(Fd::close);
                    int account = identified.isCompletedExceptionally() ? -1 : identified.join().account();
                    replyWithinLimit(message, account, answer, error);
                    activity.end();
                });
    }

    private void replyWithinLimit(IncomingMessage message, int account, Answer answer, Throwable error) {
        if (account == 0) {
            answer(message, answer, error);
            return;
        }
        unreadReplies.mayReply(message.sender()).thenAccept(mayReply -> {
            if (mayReply) {
                unreadReplies.replied(message.sender(), account, answer(message, answer, error));
            }
        });
    }

    /**
     * Asks the bus for the number of bytes that are queued for a connection: GetConnectionStats of dbus-daemon. A bus without that method,
     * such as dbus-broker, accounts queued messages to the receiver.
     */
    private CompletableFuture<Long> queuedBytes(String name) {
        return bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS + ".Debug.Stats", "GetConnectionStats", (byte) 0,
                "s", name)
                .thenApply(answer -> ((UInt32) ((Variant<?>) ((Map<?, ?>) answer[0]).get("OutgoingBytes")).getValue()).longValue());
    }

    /** The record of the calls in progress. */
    public Activity activity() {
        return activity;
    }

    /**
     * The cost of a message while it waits, in bytes: its size, the overhead of any call, and an amount for each of its descriptors, of
     * which the daemon has few.
     */
    private static long size(IncomingMessage message) {
        return message.size() + CALL_COST + (long) DESCRIPTOR_COST * message.descriptors().size();
    }

    /** A reply: its signature and its values. */
    private record Answer(String signature, Object[] values) {
    }

    private CompletableFuture<Answer> handle(IncomingMessage message, Caller caller, List<Fd> enclosed, long received) {
        return CompletableFuture.supplyAsync(() -> invoke(message, caller, enclosed, received), threads.of(caller.account()))
                .thenCompose(stage -> stage);
    }

    /**
     * Looks up and calls the method. The message's file descriptors are closed when the method has returned; a method that needs one for
     * longer copies it.
     */
    private CompletionStage<Answer> invoke(IncomingMessage message, Caller caller, List<Fd> enclosed, long received) {
        try {
            BusObject object = objects.find(message.path())
                    .orElseThrow(() -> new RemoteError(Names.UNKNOWN_OBJECT, "there is no object at this path"));
            String interfaceName = interfaceName(message, object);
            BusObject.Method method = object.interfaces().get(interfaceName).methods().get(message.member());
            Contract.Method types = contract.get(interfaceName).methods().get(message.member());
            Call call = new Call(caller, interfaceName.substring(interfaceName.lastIndexOf('.') + 1) + "." + message.member(),
                    arguments(message, types.in()), received);
            return audited(call, method).thenApply(results -> new Answer(types.out(), results));
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            enclosed.forEach(Fd::close);
        }
    }

    private static Object[] arguments(IncomingMessage message, String types) {
        if (!message.signature().equals(types)) {
            throw new RemoteError(Names.INVALID_ARGS, "the arguments are of type \"" + message.signature() + "\", not \"" + types + "\"");
        }
        try {
            return message.arguments();
        } catch (IllegalArgumentException e) {
            throw new RemoteError(Names.INVALID_ARGS, "the arguments cannot be decoded: " + e.getMessage());
        }
    }

    /** Calls the method, and writes the outcome to the journal if polkit was asked about the call. */
    private static CompletableFuture<Object[]> audited(Call call, BusObject.Method method) throws Exception {
        return method.call(call).toCompletableFuture().whenComplete((results, error) -> {
            if (call.authorization().action() != null) {
                Audit.ended(call, error == null ? Audit.DONE : Audit.shortName(BusError.of(error).name()));
            }
        });
    }

    /** The interface that a message is for. A message need not name one; then it is the first interface that has such a method. */
    private static String interfaceName(IncomingMessage message, BusObject object) {
        if (message.interfaceName() == null) {
            return object.interfaces().entrySet().stream().filter(e -> e.getValue().methods().containsKey(message.member()))
                    .map(Map.Entry::getKey).findFirst().orElseThrow(Gate::unknownMethod);
        }
        BusObject.Members members = object.interfaces().get(message.interfaceName());
        if (members == null) {
            throw new RemoteError(Names.UNKNOWN_INTERFACE, "this object has no such interface");
        }
        if (!members.methods().containsKey(message.member())) {
            throw unknownMethod();
        }
        return message.interfaceName();
    }

    private static RemoteError unknownMethod() {
        return new RemoteError(Names.UNKNOWN_METHOD, "this object has no such method");
    }

    /** Sends the reply or the error. Returns its size in bytes; 0 if it cannot be sent. */
    private int answer(IncomingMessage message, Answer answer, Throwable error) {
        try {
            if (error == null) {
                return bus.reply(message, answer.signature(), answer.values());
            }
            BusError described = BusError.logged(error);
            return bus.replyError(message, described.name(), described.text());
        } catch (IOException e) {
            LOG.error("cannot answer {}: {}", message.member(), e.getMessage(), e);
        } catch (RuntimeException e) {
            if (error == null) {
                // The defect is the daemon's: the reply does not match the contract. The caller must still get a reply.
                return answer(message, null, e);
            }
            LOG.error("cannot answer {} with an error: {}", message.member(), e.getMessage(), e);
        }
        return 0;
    }
}
