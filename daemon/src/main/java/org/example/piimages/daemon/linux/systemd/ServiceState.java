package org.example.piimages.daemon.linux.systemd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** What a service tells the systemd that started it; sd_notify(3). Without such a systemd, nobody is told. */
public final class ServiceState {

    private final UnixDatagrams socket;
    private final Optional<Duration> watchdog;

    private ServiceState(UnixDatagrams socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** As $NOTIFY_SOCKET and $WATCHDOG_USEC of this process say; sd_watchdog_enabled(3). */
    public static ServiceState ofThisProcess() {
        String socket = System.getenv("NOTIFY_SOCKET");
        UnixDatagrams systemd = socket == null ? UnixDatagrams.nowhere() : UnixDatagrams.to(socket);
        return new ServiceState(systemd, watchdog(System.getenv("WATCHDOG_USEC")));
    }

    static Optional<Duration> watchdog(String microseconds) {
        return Optional.ofNullable(microseconds).filter(text -> text.matches("[1-9][0-9]{0,15}"))
                .map(text -> Duration.ofNanos(Long.parseLong(text) * 1000));
    }

    /** How long systemd waits for {@link #alive} before it takes the service for stuck; empty when it does not. */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /** The service works. */
    public void alive() {
        send("WATCHDOG=1");
    }

    /** The service is about to end: whoever starts it from now on gets another, as soon as this one has gone. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** The service that is {@link #stopping} takes longer: it is not to be ended for so long from now. */
    public void stillStopping(Duration time) {
        send("EXTEND_TIMEOUT_USEC=" + time.toNanos() / 1000);
    }

    private void send(String state) {
        socket.send(state.getBytes(StandardCharsets.US_ASCII));
    }
}
