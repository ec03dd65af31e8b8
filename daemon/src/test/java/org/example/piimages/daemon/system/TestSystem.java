package org.example.piimages.daemon.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.example.piimages.contract.Names;

/**
 * The daemon and all that it communicates with: a bus, mocks for polkit and systemd, users, an image for each user. It runs as root,
 * because loop devices and mounts are real.
 */
final class TestSystem implements Closeable {

    /** Users that every system has (daemon, bin): dbus-java takes one that is not in the password file for root. */
    static final int ALICE = 1;
    static final int BOB = 2;

    private final Deque<Closeable> open = new ArrayDeque<>();
    private final TestDirectory directory;
    private final PrivateBus bus;
    private final BusClient root;
    private final BusClient alice;
    private final BusClient bob;
    private final MockPolkit polkit;
    private final MockSystemd systemd;
    private final Path template;
    private DaemonProcess daemon;

    TestSystem() throws Exception {
        try {
            directory = closeAtEnd(new TestDirectory());
            bus = closeAtEnd(new PrivateBus(directory));
            root = closeAtEnd(BusClient.root(bus.address()));
            alice = closeAtEnd(BusClient.user(bus.address(), ALICE));
            bob = closeAtEnd(BusClient.user(bus.address(), BOB));
            polkit = closeAtEnd(new MockPolkit(bus.address()));
            systemd = closeAtEnd(new MockSystemd(bus.address(), directory));
            template = DiskImage.make(directory.path(), "template.img");
            startDaemon();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private <T extends Closeable> T closeAtEnd(T thing) {
        open.push(thing);
        return thing;
    }

    TestDirectory directory() {
        return directory;
    }

    PrivateBus bus() {
        return bus;
    }

    DaemonProcess daemon() {
        return daemon;
    }

    BusClient root() {
        return root;
    }

    BusClient alice() {
        return alice;
    }

    BusClient bob() {
        return bob;
    }

    MockPolkit polkit() {
        return polkit;
    }

    MockSystemd systemd() {
        return systemd;
    }

    /** Starts the daemon, the first or one after it was killed. */
    void startDaemon() throws Exception {
        daemon = closeAtEnd(DaemonProcess.start(directory, bus.address(), root));
    }

    /** A fresh image that its owner alone can open. */
    Path image(String name, int owner) throws IOException {
        Path image = directory.resolve(name);
        Files.copy(template, image);
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-------"));
        Files.setAttribute(image, "unix:uid", owner);
        Files.setAttribute(image, "unix:gid", owner);
        return image;
    }

    /** Back to how a test finds everything; says what one left behind. */
    void tidy() throws Exception {
        polkit.setVerdict(MockPolkit.Verdict.ALLOW);
        polkit.decide(MockPolkit.Verdict.DENY);
        systemd.setMode(MockSystemd.Mode.START);
        for (Object row : (List<?>) root.manager("ListMachines", "")) {
            root.call((String) ((List<?>) row).get(1), Names.MACHINE, "Terminate", "");
        }
        for (Object row : (List<?>) root.manager("ListImages", "")) {
            root.unmount((String) ((List<?>) row).get(0));
        }
        try (var files = Files.newDirectoryStream(directory.path(), "*.img")) {
            for (Path image : files) {
                if (!image.equals(template)) {
                    Files.delete(image);
                }
            }
        }
        assertEquals(List.of(), directory.mounts());
        assertEquals(List.of(), directory.loopDevices());
    }

    /** Everything goes, the last first, also when something before did not go well. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
