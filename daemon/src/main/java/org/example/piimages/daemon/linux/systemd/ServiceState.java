package org.example.piimages.daemon.linux.systemd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Notifies the systemd that started this service of its state; sd_notify(3). Without such a systemd, there are no notifications. */
public final class ServiceState {

    private final UnixDatagramSocket socket;
    private final Optional<Duration> watchdog;

    private ServiceState(UnixDatagramSocket socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** The state of this process, according to $NOTIFY_SOCKET and $WATCHDOG_USEC; sd_watchdog_enabled(3). */
    public static ServiceState ofThisProcess() {
        String socket = System.getenv("NOTIFY_SOCKET");
        UnixDatagramSocket systemd = socket == null ? UnixDatagramSocket.discarding() : UnixDatagramSocket.to(socket);
        return new ServiceState(systemd, watchdog(System.getenv("WATCHDOG_USEC")));
    }

    static Optional<Duration> watchdog(String microseconds) {
        return Optional.ofNullable(microseconds).filter(text -> text.matches("[1-9][0-9]{0,15}"))
                .map(text -> Duration.ofNanos(Long.parseLong(text) * 1000));
    }

    /** The time that systemd waits for {@link #pingWatchdog} before it considers the service stuck; empty if there is no watchdog. */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /** Reports that the service is alive. */
    public void pingWatchdog() {
        send("WATCHDOG=1");
    }

    /** Reports that the service is about to exit: a request to start it from now on starts a new one as soon as this one has exited. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** Reports that the service, which is {@link #stopping}, takes longer: systemd must not kill it for this time from now on. */
    public void extendStopTimeout(Duration time) {
        send("EXTEND_TIMEOUT_USEC=" + time.toNanos() / 1000);
    }

    private void send(String state) {
        socket.send(state.getBytes(StandardCharsets.US_ASCII));
    }
}
