package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertRefused;
import static org.example.piimages.daemon.system.BusClient.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daemon can go at any time, and come back. */
class DaemonLifeIT {

    private TestSystem here;

    @BeforeEach
    void start() throws Exception {
        here = new TestSystem();
    }

    @AfterEach
    void stop() throws Exception {
        here.close();
    }

    @Test
    void imagesOutliveTheDaemon() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        Path odd = here.image("ö =\n.img", TestSystem.ALICE);
        String image = here.alice().mount(file.toString());
        here.alice().mount(odd.toString());
        Object before = here.alice().call(image, "org.freedesktop.DBus.Properties", "GetAll", "s", Names.IMAGE);
        List<String> mounts = here.directory().mounts();
        here.daemon().kill();
        assertEquals(mounts, here.directory().mounts());
        here.startDaemon();
        assertEquals(before, here.alice().call(image, "org.freedesktop.DBus.Properties", "GetAll", "s", Names.IMAGE));
        assertEquals(2, ((List<?>) here.alice().manager("ListImages", "")).size());
        assertEquals(image, here.alice().mount(file.toString()));
        here.alice().unmount(image);
        here.tidy();
    }

    @Test
    void whatWasMountedByHalvesIsTakenBack() throws Exception {
        Path file = here.image("pi.img", TestSystem.ALICE);
        here.alice().mount(file.toString());
        here.daemon().kill();
        Programs.run("umount", here.directory().mounts().get(0));
        here.startDaemon();
        assertEquals(List.of(), here.directory().mounts());
        assertEquals(List.of(), here.directory().loopDevices());
        assertEquals(List.of(), here.alice().manager("ListImages", ""));
        here.alice().mount(file.toString());
    }

    /** The record of b.img is what a disk or an administrator made of it; a.img and its owner notice nothing. */
    @Test
    void recordThatCannotBeReadIsSetAsideAndTheOthersAreRecovered() throws Exception {
        List<String> broken = List.of("", "id", "uid=x", "\\u12", "volumes=-1", "since=\nrule=\n", "mount-point=/");
        String kept = here.alice().mount(here.image("a.img", TestSystem.ALICE).toString());
        Path other = here.image("b.img", TestSystem.ALICE);
        for (String text : broken) {
            String lost = here.alice().mount(other.toString());
            Path record = here.directory().resolve("run/images").resolve(lost.substring(lost.lastIndexOf('/') + 1));
            String whole = Files.readString(record);
            here.daemon().kill();
            Files.writeString(record, text.contains("=/") ? whole.replaceAll("mount-point=.*", text) : text);
            here.startDaemon();
            List<?> images = (List<?>) here.alice().manager("ListImages", "");
            assertEquals(List.of(kept), images.stream().map(row -> ((List<?>) row).get(0)).toList(), text);
            assertTrue(Files.exists(here.directory().resolve("run/unreadable/images-" + record.getFileName())), text);
            assertTrue(here.daemon().log().contains("cannot read the record " + record), here.daemon().log());
        }
        here.alice().unmount(here.alice().mount(other.toString()));
        here.tidy();
    }

    @Test
    void machineWhoseRecordCannotBeReadIsTidiedUpAndTheOthersAreRecovered() throws Exception {
        for (String name : List.of("stays", "broken", "strays")) {
            here.alice().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "RunImage", "sasa{sv}",
                    here.image(name + ".img", TestSystem.ALICE).toString(), List.of("true"), Map.of("name", new Variant<>(name)));
            here.systemd().calls().await(call -> call[0].equals("StartTransientUnit"));
        }
        here.daemon().kill();
        here.systemd().end("piimages-broken.service", "exited", "0");
        for (String name : List.of("broken", "strays")) {
            Files.writeString(here.directory().resolve("run/machines/" + name + "/record"), "arguments=99999999");
        }
        here.startDaemon();
        List<?> machines = (List<?>) here.alice().manager("ListMachines", "");
        assertEquals(List.of("stays"), machines.stream().map(row -> ((List<?>) row).get(0)).toList());
        assertTrue(Files.exists(here.directory().resolve("run/unreadable/machines-broken-record")));
        assertTrue(Files.notExists(here.directory().resolve("run/machines/broken")));
        // Its unit is there: what it has mounted is not taken from it.
        assertTrue(here.directory().mounts().stream().anyMatch(target -> target.contains("/strays/")));
        here.daemon().kill();
        here.systemd().end("piimages-strays.service", "exited", "0");
        here.startDaemon();
        assertTrue(Files.notExists(here.directory().resolve("run/machines/strays")));
        here.tidy();
    }

    @Test
    void machinesOutliveTheDaemonAndThoseThatEndedAreTidiedUp() throws Exception {
        for (String name : List.of("stays", "ends")) {
            here.alice().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "RunImage", "sasa{sv}",
                    here.image(name + ".img", TestSystem.ALICE).toString(), List.of("true"), Map.of("name", new Variant<>(name)));
            here.systemd().calls().await(call -> call[0].equals("StartTransientUnit"));
        }
        here.daemon().kill();
        here.systemd().end("piimages-ends.service", "exited", "0");
        here.startDaemon();
        List<?> machines = (List<?>) here.alice().manager("ListMachines", "");
        assertEquals(List.of("stays"), machines.stream().map(row -> ((List<?>) row).get(0)).toList());
        awaitNoMountOf("ends");
        here.tidy();
    }

    /** A daemon answers as soon as it owns its name, and tidies up after machines that have ended then. */
    private void awaitNoMountOf(String machine) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BusClient.LIMIT_SECONDS);
        while (here.directory().mounts().stream().anyMatch(target -> target.contains("/" + machine + "/"))) {
            assertTrue(System.nanoTime() < end, "what the machine had mounted is still there");
            Thread.sleep(20);
        }
    }

    @Test
    void secondDaemonLeavesTheNameToTheFirst() throws Exception {
        try (DaemonProcess second = DaemonProcess.launch(here.directory(), here.bus().address())) {
            assertEquals(1, second.awaitExit());
        }
        here.alice().manager("ListImages", "");
    }

    @Test
    void daemonWhoseBusIsGoneEnds() throws Exception {
        here.bus().close();
        assertEquals(1, here.daemon().awaitExit());
    }

    @Test
    void daemonWithoutABusEnds() throws Exception {
        try (DaemonProcess lost = DaemonProcess.launch(here.directory(), "unix:path=" + here.directory().resolve("nothing"))) {
            assertEquals(1, lost.awaitExit());
        }
    }

    @Test
    void withoutSystemdAndPolkitRootStillMounts() throws Exception {
        Path file = here.image("pi.img", 0);
        Path own = here.image("own.img", TestSystem.ALICE);
        try (EventLog owners = here.root().listen(BusConnection.BUS, null, BusConnection.BUS, "NameOwnerChanged")) {
            here.systemd().close();
            here.polkit().close();
            for (String name : List.of("org.freedesktop.systemd1", "org.freedesktop.PolicyKit1")) {
                owners.await(event -> event[0].equals(name));
            }
        }
        here.daemon().kill();
        here.startDaemon();
        here.root().unmount(here.root().mount(file.toString()));
        CompletableFuture<List<?>> refused = here.alice().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "MountImage", "sa{sv}",
                own.toString(), Map.of());
        assertRefused(Failure.Kind.NOT_AUTHORIZED, refused);
        CompletableFuture<List<?>> run = here.root().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "RunImage", "sasa{sv}",
                file.toString(), List.of("true"), Map.of());
        assertRefused(Failure.Kind.FAILED, run);
        assertEquals(List.of(), here.directory().mounts());
        try (var left = Files.list(here.directory().resolve("run/machines"))) {
            assertEquals(List.of(), left.toList());
        }
        value(here.root().send((byte) 0, Names.MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", ""));
    }
}
