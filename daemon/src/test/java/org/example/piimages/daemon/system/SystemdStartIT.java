package org.example.piimages.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.systemd.Systemd;
import org.example.piimages.daemon.system.MockSystemd.Mode;
import org.example.piimages.dbus.BusConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A start that systemd takes and never ends is not waited for for ever. */
@Timeout(20)
class SystemdStartIT {

    @Test
    void startThatNeverEndsIsTakenBack() throws Exception {
        try (TestDirectory directory = new TestDirectory(); PrivateBus bus = new PrivateBus(directory);
                MockSystemd standIn = new MockSystemd(bus.address(), directory);
                BusConnection connection = BusConnection.open(bus.address(), false)) {
            Files.createDirectories(directory.resolve("run/machines/x"));
            standIn.setMode(Mode.HANG);
            Systemd systemd = new Systemd(connection, Duration.ofMillis(300));
            Failure failure = assertThrows(Failure.class, () -> systemd.startTransient("piimages-x.service", Map.of()));
            assertTrue(failure.getMessage().contains("had not started"), failure.getMessage());
            assertEquals("StartTransientUnit", standIn.calls().await()[0]);
            assertEquals("StopUnit", standIn.calls().await()[0]);
        }
    }

    @Test
    void startThatIsTakenBackHasEndedWhenItIsTold() throws Exception {
        try (TestDirectory directory = new TestDirectory(); PrivateBus bus = new PrivateBus(directory);
                MockSystemd standIn = new MockSystemd(bus.address(), directory);
                BusConnection connection = BusConnection.open(bus.address(), false)) {
            Files.createDirectories(directory.resolve("run/machines/x"));
            standIn.setMode(Mode.LINGER);
            Systemd systemd = new Systemd(connection, Duration.ofMillis(300));
            CompletableFuture<Failure> told = CompletableFuture.supplyAsync(
                    () -> assertThrows(Failure.class, () -> systemd.startTransient("piimages-x.service", Map.of())));
            standIn.calls().await(call -> call[0].equals("StopUnit"));
            assertThrows(TimeoutException.class, () -> told.get(500, TimeUnit.MILLISECONDS));
            standIn.end("piimages-x.service", "killed", "TERM");
            assertTrue(told.get().getMessage().contains("had not started"), told.get().getMessage());
        }
    }
}
