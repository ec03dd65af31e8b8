package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.daemon.bus.object.BusObjects;
import org.example.piimages.daemon.bus.object.JobOperations;
import org.example.piimages.daemon.bus.object.MachineOperations;
import org.example.piimages.daemon.job.Job;
import org.example.piimages.daemon.job.Jobs;
import org.example.piimages.daemon.machine.RunningMachine;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.example.piimages.daemon.machine.record.Network;
import org.example.piimages.daemon.system.PrivateBus;
import org.example.piimages.daemon.system.TestDirectory;
import org.example.piimages.dbus.BusConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A wait ends when its caller disconnects; the operation that is waited for goes on. */
@Timeout(20)
class DisconnectWatchIT {

    private final ExecutorService works = Executors.newCachedThreadPool();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private TestDirectory directory;
    private PrivateBus bus;
    private BusConnection service;
    private BusConnection leaving;
    private BusConnection staying;
    private DisconnectWatch disconnects;

    @BeforeEach
    void connect() throws Exception {
        directory = new TestDirectory();
        bus = new PrivateBus(directory);
        service = BusConnection.open(bus.address(), false);
        leaving = BusConnection.open(bus.address(), false);
        staying = BusConnection.open(bus.address(), false);
        disconnects = new DisconnectWatch(service);
    }

    @AfterEach
    void disconnect() throws Exception {
        works.shutdown();
        works.awaitTermination(10, TimeUnit.SECONDS);
        clock.shutdownNow();
        for (AutoCloseable open : List.of(leaving, staying, service, bus, directory)) {
            open.close();
        }
    }

    private static Call callOf(BusConnection client) {
        return new Call(new Caller(client.uniqueName(), BusObjects.OWNER, BusObjects.OWNER, new int[] {BusObjects.OWNER}, 0, false),
                "Job.Wait",
                new Object[0], 0);
    }

    private boolean isConnected(Caller caller) {
        return (Boolean) service.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "NameHasOwner", "s", caller.sender())
                .get(0);
    }

    private static void assertEnds(CompletableFuture<?> wait) {
        assertFalse(assertThrows(Exception.class, () -> wait.get(10, TimeUnit.SECONDS)) instanceof TimeoutException, "it still waits");
    }

    @Test
    void jobWaitEndsWithItsCallerAndResultStays() throws Exception {
        CompletableFuture<Map<String, Object>> work = new CompletableFuture<>();
        Jobs jobs = new Jobs(works, clock, BusObjects.NO_LISTENER, uid -> uid);
        Job job = jobs.start("grow", "/home/a/pi.img", BusObjects.OWNER, progress -> work.join()).orElseThrow();
        JobOperations operations = new JobOperations(null, jobs, null, null, disconnects);
        CompletableFuture<Object[]> left = operations.await(callOf(leaving), job);
        CompletableFuture<Object[]> stays = operations.await(callOf(staying), job);
        leaving.close();
        assertEnds(left);
        assertFalse(stays.isDone());
        assertEquals(List.of(job), List.copyOf(jobs.all()));
        work.complete(Map.of());
        assertEquals(Map.of(), stays.get(10, TimeUnit.SECONDS)[0]);
        assertEquals(List.of(), List.copyOf(jobs.all()));
    }

    @Test
    void machineWaitEndsWithItsCallerAndMachineRunsOn() throws Exception {
        MachineRecord booted =
                new MachineRecord("pi", BusObjects.OWNER, leaving.uniqueName(), "", "/home/a/pi.img", List.of(), "armv7l", "",
                        List.of(), true, new MachineMode(true, false, false, Network.PRIVATE), 6);
        RunningMachine machine = new RunningMachine(booted, Runnable::run);
        MachineOperations operations = new MachineOperations(null, null, null, disconnects);
        CompletableFuture<Object[]> left = operations.await(callOf(leaving), machine);
        CompletableFuture<Object[]> stays = operations.await(callOf(staying), machine);
        leaving.close();
        assertEnds(left);
        assertFalse(machine.ended().isDone());
        machine.ended().complete(3);
        assertArrayEquals(new Object[] {3}, stays.get(10, TimeUnit.SECONDS));
    }

    /** The bus does not announce again a caller that disconnected before the watch began. */
    @Test
    void waitOfDisconnectedCallerEnds() throws Exception {
        Call call = callOf(leaving);
        leaving.close();
        while (isConnected(call.caller())) {
            Thread.onSpinWait();
        }
        CompletableFuture<String> never = new CompletableFuture<>();
        assertEnds(disconnects.watch(never, call.caller(), () -> never.cancel(false)));
    }
}
