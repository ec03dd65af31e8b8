package org.example.piimages.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.Service;
import org.example.piimages.daemon.bus.gate.Contract;
import org.example.piimages.daemon.diagnosis.Diagnosis;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.emulation.hosttools.HostTools;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.MachineImages;
import org.example.piimages.daemon.image.RemovedCards;
import org.example.piimages.daemon.image.SubordinateIds;
import org.example.piimages.daemon.job.Jobs;
import org.example.piimages.daemon.linux.block.CardReaderState;
import org.example.piimages.daemon.linux.block.LentDevice;
import org.example.piimages.daemon.linux.file.CallerDirectory;
import org.example.piimages.daemon.linux.mount.OffsetName;
import org.example.piimages.daemon.linux.process.Kernel;
import org.example.piimages.daemon.linux.systemd.Machined;
import org.example.piimages.daemon.linux.systemd.ServiceState;
import org.example.piimages.daemon.linux.systemd.Systemd;
import org.example.piimages.daemon.machine.GuestCommands;
import org.example.piimages.daemon.machine.MachineStartCheck;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.UInt32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * piimagesd. Startup order: connect to the bus, subscribe to the end of units, recover the state of the previous daemon, accept calls,
 * request the bus name, announce the machines that have ended in the meantime. SIGTERM may terminate the daemon at any time, because its
 * state is in the kernel, in systemd and in /run/piimages.
 */
public final class Main {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final String SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket";
    private static final UInt32 DO_NOT_QUEUE = new UInt32(4);
    private static final UInt32 PRIMARY_OWNER = new UInt32(1);
    /** The start timeout of a machine: an emulated system may take minutes to boot, and its unit has no timeout of its own. */
    private static final Duration START_LIMIT = Duration.ofMinutes(30);

    /**
     * The interval of checks for exchanged cards, in milliseconds: the time between the kernel's detection and the end of accesses to the
     * new card.
     */
    private static final long CARD_CHECK_MS = 200;

    private Main() {
    }

    /** Runs until the connection to the bus is lost or a signal arrives. */
    public static void main(String[] arguments) throws IOException {
        if (!Kernel.isSupported()) {
            LOG.error("piimagesd runs on 64-bit x86 and ARM; this Java is for {}", System.getProperty("os.arch"));
            System.exit(1);
        }
        FutureTask<Contract> contract = new FutureTask<>(Main::prepare);
        new Thread(contract, "preparation").start();
        String address = System.getenv().getOrDefault("DBUS_SYSTEM_BUS_ADDRESS", SYSTEM_BUS);
        BusConnection bus = BusConnection.open(address, true);
        CompletableFuture<Void> gone = new CompletableFuture<>();
        bus.onDisconnect(() -> gone.complete(null));
        Service service = start(bus, contract);
        if (!bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RequestName", "su", Names.SERVICE, DO_NOT_QUEUE)
                .get(0).equals(PRIMARY_OWNER)) {
            LOG.error("another piimagesd owns {}", Names.SERVICE);
            System.exit(1);
        }
        service.machines().finishEnded();
        gone.join();
        LOG.error("the connection to the message bus was lost; systemd starts piimagesd again");
        System.exit(1);
    }

    /** Prepares native calls and loads the contract, in parallel with the connection to the bus. */
    private static Contract prepare() throws IOException {
        Kernel.prepareCalls();
        return Contract.load();
    }

    private static Contract prepared(FutureTask<Contract> preparation) throws IOException {
        try {
            return preparation.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException("cannot read the contract", e);
        }
    }

    private static Service start(BusConnection bus, FutureTask<Contract> contract) throws IOException {
        // One thread for each notification of a machine or command, of which there are few, so that none delays another.
        ExecutorService news = Executors.newCachedThreadPool(work -> new Thread(work, "news"));
        Systemd systemd = new Systemd(bus, START_LIMIT);
        // Read only once, so that resources are charged to and released from the same account.
        SubordinateIds accounts = SubordinateIds.ofHost();
        Images images = new Images(accounts);
        Interpreters interpreters = new Interpreters();
        GuestCommands commands = new GuestCommands(systemd, news);
        ScheduledExecutorService clock = clock("job-clock");
        Service service = new Service(bus, images, interpreters,
                listener -> new Machines(accounts, new MachineImages(images), interpreters, new HostTools(), systemd, new Machined(bus),
                        news, listener),
                commands, listener -> new Jobs(work -> new Thread(work, "job").start(), clock, listener, accounts::account),
                machines -> new Diagnosis(systemd, images, machines, news), prepared(contract));
        if (!systemd.subscribe()) {
            LOG.warn("systemd is not on the bus: machines cannot be started");
        }
        systemd.onUnitRemoved(service.machines()::unitRemoved);
        systemd.onUnitRemoved(commands::unitRemoved);
        images.recover();
        service.machines().recover();
        interpreters.sweep();
        CallerDirectory.sweep();
        OffsetName.sweep();
        LentDevice.sweep();
        new RemovedCards(images).recover();
        CardReaderState.sweep();
        MachineStartCheck.sweep();
        bus.onMethodCall(service.gate()::accept);
        schedule(bus, service, news);
        return service;
    }

    /** Starts the periodic checks: cards, watchdog, and exit on idle. */
    private static void schedule(BusConnection bus, Service service, ExecutorService news) {
        ServiceState state = ServiceState.ofThisProcess();
        ScheduledExecutorService checks = clock("lookout");
        clock("cards").scheduleWithFixedDelay(service.cards()::check, CARD_CHECK_MS, CARD_CHECK_MS, TimeUnit.MILLISECONDS);
        state.watchdog().ifPresent(limit -> {
            Watchdog watchdog = new Watchdog(bus, state, news);
            long interval = limit.toMillis() / 3;
            checks.scheduleAtFixedRate(watchdog::check, interval, interval, TimeUnit.MILLISECONDS);
        });
        Duration idle = Duration.ofSeconds(Integer.getInteger("piimages.idle", 0));
        if (!idle.isZero()) {
            IdleExit exit = new IdleExit(bus, state, service.gate().activity(), service::isNeeded, idle,
                    () -> System.exit(0));
            checks.scheduleWithFixedDelay(exit::check, idle.toMillis(), Math.min(Math.max(idle.toMillis() / 10, 100), 30_000),
                    TimeUnit.MILLISECONDS);
        }
    }

    private static ScheduledExecutorService clock(String name) {
        return Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }
}
