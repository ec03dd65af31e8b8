package org.example.piimages.daemon.linux.systemd;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.MatchRule;
import org.example.piimages.dbus.Peer;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;

/** The client of the system's systemd, PID 1; org.freedesktop.systemd1(5). */
public final class Systemd {

    private static final String NAME = "org.freedesktop.systemd1";
    private static final String PATH = "/org/freedesktop/systemd1";
    private static final String MANAGER = "org.freedesktop.systemd1.Manager";
    private static final String UNIT = "org.freedesktop.systemd1.Unit";
    private static final String PROPERTIES = "org.freedesktop.DBus.Properties";
    private static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";
    private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

    /**
     * As many as there are threads for calls. The bus lets a connection wait for 128 replies, including those of polkit and other services.
     */
    private static final int CALLS_AT_ONCE = 40;

    /** The interval at which the state of a starting unit is queried. Usually, a start takes less. */
    private static final Duration START_CHECK_INTERVAL = Duration.ofSeconds(3);
    private static final Duration STOP_PAUSE = Duration.ofMillis(50);
    /** The time limit for the end of a unit: longer than the stop timeout of any unit of the daemon. */
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

    private final BusConnection bus;
    private final Peer systemd;
    private final Duration startLimit;

    /**
     * A client that uses a bus connection.
     *
     * @param startLimit the time after which the start of a unit is considered to have failed
     */
    public Systemd(BusConnection bus, Duration startLimit) {
        this.bus = bus;
        this.systemd = new Peer(bus, NAME, CALLS_AT_ONCE);
        this.startLimit = startLimit;
    }

    /**
     * Subscribes to the signals below, which systemd only sends to subscribers. Returns false if there is no systemd on the bus, which does
     * not prevent mounting.
     */
    public boolean subscribe() {
        try {
            systemd.call(PATH, MANAGER, "Subscribe", "");
            return true;
        } catch (RemoteError e) {
            return false;
        }
    }

    /** Passes the name of every unit that systemd unloads to a listener: a transient unit has ended then, including its ExecStopPost=. */
    public Closeable onUnitRemoved(Consumer<String> listener) {
        return bus.subscribe(new MatchRule(NAME, PATH, MANAGER, "UnitRemoved"), arguments -> listener.accept((String) arguments[0]));
    }

    /**
     * Starts a transient service and waits until it has started.
     *
     * @param properties unit properties, each a D-Bus value with its signature
     * @throws Failure FAILED if systemd refuses or the start fails, in which case the unit no longer exists
     */
    @SuppressWarnings("try")
    public void startTransient(String unit, Map<String, Variant<?>> properties) throws IOException {
        CompletableFuture<String> result = new CompletableFuture<>();
        MatchRule removed = new MatchRule(NAME, PATH, MANAGER, "JobRemoved");
        // Signature uoss: job number, job, unit, result.
        try (Closeable listening = bus.subscribe(removed, job -> {
            if (job[2].equals(unit)) {
                result.complete((String) job[3]);
            }
        })) {
            List<Object[]> list = new ArrayList<>();
            properties.forEach((name, value) -> list.add(new Object[] {name, value}));
            systemd.call(PATH, MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))", unit, "fail", list.toArray(new Object[0][]),
                    new Object[0][]);
            String outcome = outcome(unit, result);
            if (!outcome.equals("done")) {
                awaitUnloaded(unit);
                throw new Failure(Failure.Kind.FAILED, outcome.equals("canceled") ? unit + " was terminated while it was starting"
                        : "systemd could not start " + unit + ": " + outcome + "; see journalctl -u " + unit);
            }
        } catch (RemoteError e) {
            if (e.errorName().equals(NO_REPLY)) {
                // It may still start a moment later, and nothing would stop it.
                stop(unit);
            }
            throw new Failure(Failure.Kind.FAILED, "systemd cannot start " + unit + ": " + e.getMessage(), e);
        }
    }

    /**
     * Waits for the result of a start, which is cancelled when it exceeds the limit. systemd 262 loses the signal with the result when it
     * re-executes itself (systemctl daemon-reexec); therefore, the state of the unit is queried from time to time.
     */
    private String outcome(String unit, CompletableFuture<String> result) {
        long end = System.nanoTime() + startLimit.toNanos();
        while (System.nanoTime() < end) {
            try {
                return result.get(START_CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                outcomeByState(unit).ifPresent(result::complete);
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("nobody interrupts it, and it does not fail", e);
            }
        }
        stop(unit);
        awaitUnloaded(unit);
        throw new Failure(Failure.Kind.FAILED, unit + " was terminated because it had not started after " + startLimit.toSeconds()
                + " s; see journalctl -u " + unit);
    }

    /** Waits until a unit no longer exists. The processes of a cancelled start end after it, and use what was passed to them until then. */
    private void awaitUnloaded(String unit) {
        long end = System.nanoTime() + STOP_LIMIT.toNanos();
        while (mayBeLoaded(unit) && System.nanoTime() < end) {
            LockSupport.parkNanos(STOP_PAUSE.toNanos());
        }
    }

    private boolean mayBeLoaded(String unit) {
        try {
            return isLoaded(unit);
        } catch (RemoteError e) {
            return true;
        }
    }

    /**
     * Returns the result that the start job must have had; empty while it may still be running, or if systemd does not respond. A unit that
     * no longer exists has run.
     */
    private Optional<String> outcomeByState(String unit) {
        try {
            if (!isLoaded(unit)) {
                return Optional.of("done");
            }
        } catch (RemoteError e) {
            return Optional.empty();
        }
        return switch (activeState(unit)) {
            case "active", "reloading", "deactivating" -> Optional.of("done");
            case "failed" -> Optional.of("failed");
            default -> Optional.empty();
        };
    }

    /** Whether systemd knows the unit, running or stopping. Throws RemoteError if systemd does not respond. */
    public boolean isLoaded(String unit) {
        try {
            systemd.call(PATH, MANAGER, "GetUnit", "s", unit);
            return true;
        } catch (RemoteError e) {
            if (e.errorName().equals(NO_SUCH_UNIT)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Runs an action if systemd no longer knows the unit. If systemd is busy or restarting, it is queried again, because it announces the
     * end of a unit only once. It also announces the end of every unit when it reloads.
     *
     * @param executor runs the later queries; may block
     */
    public void ifUnloaded(String unit, Executor executor, Runnable action) {
        try {
            if (!isLoaded(unit)) {
                action.run();
            }
        } catch (RemoteError e) {
            CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, executor).execute(() -> ifUnloaded(unit, executor, action));
        }
    }

    /** Requests that the unit is stopped; the future completes when systemd has accepted the request, not when the unit has stopped. */
    public CompletableFuture<Object[]> stop(String unit) {
        return systemd.callAsync(PATH, MANAGER, "StopUnit", "ss", unit, "replace");
    }

    /**
     * Requests that a unit is stopped which may be about to be started: the request is repeated until systemd knows the unit.
     *
     * @param isSettled whether systemd has been asked to start it, or it will not be started
     * @param executor runs the later requests
     */
    public CompletableFuture<Void> stop(String unit, BooleanSupplier isSettled, Executor executor) {
        boolean wasSettled = isSettled.getAsBoolean();
        Executor later = CompletableFuture.delayedExecutor(STOP_PAUSE.toMillis(), TimeUnit.MILLISECONDS, executor);
        return stop(unit).handle((job, error) -> error == null || wasSettled)
                .thenCompose(done -> done ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.runAsync(() -> {}, later).thenCompose(nothing -> stop(unit, isSettled, executor)));
    }

    /** Sends a signal to the unit's main process. */
    public void killMain(String unit, int signal) {
        kill(unit, "main", signal);
    }

    /** Sends a signal to all processes of the unit. */
    public void killAll(String unit, int signal) {
        kill(unit, "all", signal);
    }

    private void kill(String unit, String target, int signal) {
        try {
            systemd.call(PATH, MANAGER, "KillUnit", "ssi", unit, target, signal);
        } catch (RemoteError e) {
            throw new Failure(Failure.Kind.FAILED, "cannot signal " + unit + ": " + e.getMessage(), e);
        }
    }

    /**
     * Passes each change of a unit's ActiveState to a listener: activating, active, deactivating and so on. All units share one match rule
     * on the bus, which allows a connection 512.
     */
    public Closeable onStateChanged(String unit, Consumer<String> listener) {
        MatchRule rule = new MatchRule(NAME, unitPath(unit), PROPERTIES, "PropertiesChanged", UNIT, true);
        return bus.subscribe(rule, arguments -> {
            Object state = ((Map<?, ?>) arguments[1]).get("ActiveState");
            if (state instanceof Variant<?> value) {
                listener.accept((String) value.getValue());
            }
        });
    }

    /** The ActiveState of a unit; "inactive" for a unit that systemd does not know. */
    public String activeState(String unit) {
        return property(unitPath(unit), UNIT, "ActiveState").orElse("inactive");
    }

    /** The LoadState of a unit: loaded, masked, not-found and so on; "not-found" if there is no systemd on the bus. */
    public String loadState(String unit) {
        return property(unitPath(unit), UNIT, "LoadState").orElse("not-found");
    }

    /** The version of systemd, such as 252; empty if there is no systemd on the bus. */
    public OptionalInt version() {
        // "252.39-1~deb12u1" in Debian, "v257" in others.
        Matcher number = Pattern.compile("v?(\\d{1,4}).*").matcher(property(PATH, MANAGER, "Version").orElse(""));
        return number.matches() ? OptionalInt.of(Integer.parseInt(number.group(1))) : OptionalInt.empty();
    }

    private Optional<String> property(String path, String interfaceName, String name) {
        try {
            Object value = systemd.call(path, PROPERTIES, "Get", "ss", interfaceName, name).get(0);
            return Optional.of((String) ((Variant<?>) value).getValue());
        } catch (RemoteError e) {
            return Optional.empty();
        }
    }

    /** The object path of a unit: bytes other than letters and digits, and a leading digit, are escaped. */
    static String unitPath(String unit) {
        StringBuilder path = new StringBuilder(PATH).append("/unit/");
        for (byte character : unit.getBytes(StandardCharsets.UTF_8)) {
            boolean letter = character >= 'a' && character <= 'z' || character >= 'A' && character <= 'Z';
            boolean digit = character >= '0' && character <= '9';
            if (letter || digit && path.charAt(path.length() - 1) != '/') {
                path.append((char) character);
            } else {
                path.append(String.format("_%02x", character));
            }
        }
        return path.toString();
    }
}
