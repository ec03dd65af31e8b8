package org.example.piimages.daemon.bus.gate;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.image.Quota;
import org.example.piimages.daemon.image.SharedValues;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.CallQueue;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.dbus.Reply;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/**
 * A client of polkit: CheckAuthorization of org.freedesktop.PolicyKit1.Authority. No thread waits while an authentication dialog is open.
 */
public final class Polkit {

    private static final String NAME = "org.freedesktop.PolicyKit1";
    private static final String PATH = "/org/freedesktop/PolicyKit1/Authority";
    private static final String AUTHORITY = "org.freedesktop.PolicyKit1.Authority";
    private static final int ALLOW_USER_INTERACTION = 1;

    /**
     * The number of dialogs that one user may have pending. A person answers them one at a time; the others wait behind the first, in the
     * memory of polkit and of the daemon.
     */
    static final int DIALOGS_PER_USER = 16;
    /**
     * The number of dialogs that all users may have pending. The daemon waits for a reply to each, and the bus lets a connection wait for
     * 128 at once (dbus-daemon(1), max_replies_per_connection): with {@link #CONCURRENT_CHECKS}, 40 calls to systemd and 16 to
     * systemd-machined there are at most 122, including the additional quarter that {@link Quota} may grant.
     */
    static final int DIALOGS_IN_ALL = 40;
    /**
     * The number of checks without a dialog that are sent at once. polkit answers them immediately; more would only wait there instead of
     * here.
     */
    private static final int CONCURRENT_CHECKS = 16;
    private static final int CHECKS_PER_USER = 4;

    private final Quota<Integer> waiting = new Quota<>("calls waiting for authentication", DIALOGS_PER_USER, DIALOGS_IN_ALL, 1);
    private final CallQueue checks = new CallQueue(CONCURRENT_CHECKS);
    /** The queue of each user's checks: a user who exceeds the share delays only that user's own checks. */
    private final SharedValues<Integer, CallQueue> checksOfUsers = new SharedValues<>(() -> new CallQueue(CHECKS_PER_USER));
    private final BusConnection bus;
    private final DisconnectWatch disconnects;
    private final AtomicLong dialogs = new AtomicLong();

    public Polkit(BusConnection bus, DisconnectWatch disconnects) {
        this.bus = bus;
        this.disconnects = disconnects;
    }

    /**
     * Completes when the caller is authorised; fails with {@link Failure} or, if a dialog is needed and the message does not allow one,
     * with {@link RemoteError} InteractiveAuthorizationRequired. Root is authorised without asking polkit, so that a host without polkit
     * still works.
     *
     * @param details the variables of the dialog's message, by the names used in the policy file; "file", the image, is required and is
     * also written to the journal
     */
    public CompletableFuture<Void> check(Call call, Action action, Map<String, String> details) {
        call.authorization().ask(action, details.get("file"));
        // The user trusts the dialog: a file name must not be able to add lines to it.
        Map<String, String> shown = new TreeMap<>();
        details.forEach((name, value) -> shown.put(name, Printable.path(value)));
        return decision(call.caller(), action, shown).whenComplete(
                (nothing, error) -> Audit.decided(call, error == null ? Audit.ALLOWED : Audit.shortName(BusError.of(error).name())));
    }

    private CompletableFuture<Void> decision(Caller caller, Action action, Map<String, String> details) {
        if (caller.uid() == 0) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            waiting.take(caller.account(), caller.interactive() ? 1 : 0);
        } catch (Failure tooMany) {
            return CompletableFuture.failedFuture(tooMany);
        }
        return ask(caller, action, details).handle((answer, error) -> {
            waiting.release(caller.account(), caller.interactive() ? 1 : 0);
            if (error != null) {
                throw unavailable(error);
            }
            requireAuthorized(caller, action, (Object[]) answer[0]);
            return null;
        }).thenCompose(nothing -> requireConnected(caller));
    }

    private CompletableFuture<Object[]> ask(Caller caller, Action action, Map<String, String> details) {
        Object[] subject = {"system-bus-name", Map.of("name", new Variant<>(caller.sender()))};
        UInt32 flags = new UInt32(caller.interactive() ? ALLOW_USER_INTERACTION : 0);
        String dialog = caller.interactive() ? "dialog-" + dialogs.incrementAndGet() : "";
        Supplier<CompletableFuture<Object[]>> check = () -> bus.callAsync(NAME, PATH, AUTHORITY, "CheckAuthorization", (byte) 0,
                "(sa{sv})sa{ss}us", subject, action.id(), details, flags, dialog);
        if (caller.interactive()) {
            return disconnects.watch(check.get(), caller, () -> close(dialog));
        }
        CallQueue queue = checksOfUsers.take(caller.account());
        return Reply.withTimeout(queue.add(() -> checks.add(check)), NAME)
                .whenComplete((answer, error) -> checksOfUsers.release(caller.account()));
    }

    /** Closes the dialog of a caller who has disconnected; the check ends with an error. */
    private void close(String dialog) {
        bus.callAsync(NAME, PATH, AUTHORITY, "CancelCheckAuthorization", BusConnection.NO_REPLY_EXPECTED, "s", dialog);
    }

    /**
     * Requires that the caller is still connected. A dialog may have been open for long, and nothing is started for a caller who has left.
     */
    private CompletableFuture<Void> requireConnected(Caller caller) {
        return bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameHasOwner", (byte) 0, "s", caller.sender())
                .thenAccept(answer -> {
                    if (!(Boolean) answer[0]) {
                        throw new Failure(Failure.Kind.CANCELLED, "the caller disconnected from the bus");
                    }
                });
    }

    /** Throws unless the result authorises the caller. It is (bba{ss}): authorised, whether a dialog could change that, details. */
    private static void requireAuthorized(Caller caller, Action action, Object[] result) {
        if ((Boolean) result[0]) {
            return;
        }
        boolean challenge = (Boolean) result[1];
        boolean dismissed = ((Map<?, ?>) result[2]).containsKey("polkit.dismissed");
        if (dismissed) {
            throw new Failure(Failure.Kind.AUTHORIZATION_DISMISSED, "the authentication dialog was dismissed");
        }
        if (challenge && !caller.interactive()) {
            throw new RemoteError(Names.INTERACTIVE_AUTHORIZATION_REQUIRED, "authentication is required (" + action.id() + ")");
        }
        throw new Failure(Failure.Kind.NOT_AUTHORIZED, challenge
                ? "no authentication agent is available to ask for a password (" + action.id() + ")"
                : "polkit did not authorise you for " + action.id());
    }

    private static RuntimeException unavailable(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return new Failure(Failure.Kind.NOT_AUTHORIZED, "polkit does not respond, so only root is authorised: "
                + cause.getMessage(), cause);
    }
}
