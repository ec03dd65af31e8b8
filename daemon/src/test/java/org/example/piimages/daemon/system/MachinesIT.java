package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertRefused;
import static org.example.piimages.daemon.system.BusClient.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure.Kind;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.system.MockSystemd.Mode;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands in images, as systemd hears of them. */
class MachinesIT extends InTestSystem {

    private static final Map<String, Variant<?>> NAMED = Map.of("name", new Variant<>("pi"));
    private static final String UNIT = "piimages-pi.service";
    private static final String MACHINE = Names.MACHINE_PATH_PREFIX + "pi";

    @AfterEach
    void tidy() throws Exception {
        here.tidy();
        while (!here.systemd().calls().isEmpty()) {
            here.systemd().calls().await();
        }
        try (var left = Files.list(here.directory().resolve("run/machines"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    private static CompletableFuture<List<?>> run(BusClient client, Path image, List<String> command, Map<String, Variant<?>> options) {
        return client.send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "RunImage", "sasa{sv}", image.toString(), command, options);
    }

    private static CompletableFuture<List<?>> runTrue(Path image) {
        return run(here.alice(), image, List.of("true"), NAMED);
    }

    private static Object[] started() throws Exception {
        return here.systemd().calls().await(call -> call[0].equals("StartTransientUnit"));
    }

    private static void awaitMachine(BusClient client) throws Exception {
        try (EventLog news = client.listen(Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, "MachineNew")) {
            if (((List<?>) client.manager("ListMachines", "")).isEmpty()) {
                news.await();
            }
        }
    }

    @Test
    void commandBecomesATransientUnitAndItsStatusComesBack() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        CompletableFuture<List<?>> status = run(here.alice(), image, List.of("true", "$HOME", "%n", ""), NAMED);
        Object[] start = started();
        assertEquals(UNIT, start[1]);
        Map<?, ?> properties = (Map<?, ?>) start[2];
        assertEquals("machine.slice", properties.get("Slice"));
        assertEquals(true, properties.get("Delegate"));
        List<?> command = (List<?>) ((List<?>) properties.get("ExecStart")).get(0);
        List<?> line = (List<?>) command.get(1);
        assertEquals("/usr/bin/systemd-nspawn", line.get(0));
        assertTrue(line.contains("--private-users-ownership=off") && line.contains("--machine=pi"), line.toString());
        // What runs is for root alone to read, and no unit's property.
        assertFalse(properties.toString().contains("$HOME"), properties.toString());
        Path settings = here.directory().resolve("run/machines/pi/pi.nspawn");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(settings)));
        assertTrue(Files.readString(settings).contains("'--' 'true' '$HOME' '%n' ''\n"), Files.readString(settings));
        assertFalse(status.isDone());
        here.systemd().end(UNIT, "exited", "3");
        assertEquals(3, value(status));
    }

    @Test
    void signalThatEndedTheCommandIsAStatusAboveAHundredAndTwentyEight() throws Exception {
        CompletableFuture<List<?>> status = runTrue(here.image("pi.img", TestSystem.ALICE));
        started();
        here.systemd().end(UNIT, "killed", "KILL");
        assertEquals(137, value(status));
    }

    @Test
    void streamsReachTheUnitAndNoOther() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        Path output = Files.createFile(here.directory().resolve("output"));
        int before = here.daemon().descriptors();
        Map<String, Variant<?>> options = new HashMap<>(NAMED);
        CompletableFuture<List<?>> status;
        try (Fd input = new Fd(Libc.call("open", "/dev/zero", 0)); Fd file = new Fd(Libc.call("open", output.toString(), 2))) {
            options.put("stdin", new Variant<>(new FileDescriptor(input.number())));
            options.put("stdout", new Variant<>(new FileDescriptor(file.number())));
            status = run(here.alice(), image, List.of("true"), options);
        }
        Map<?, ?> properties = (Map<?, ?>) started()[2];
        assertEquals("/dev/zero", properties.get("StandardInputFileDescriptor"));
        assertEquals(output.toString(), properties.get("StandardOutputFileDescriptor"));
        assertFalse(properties.containsKey("StandardErrorFileDescriptor"));
        here.systemd().end(UNIT, "exited", "0");
        assertEquals(0, value(status));
        // The loop devices' and the user's namespace's are counted in; the streams' and the file's must not be.
        assertTrue(here.daemon().descriptors() <= before + 1, before + " before, now " + here.daemon().descriptors());
    }

    @Test
    void machineIsOnTheBusWhileItRuns() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        try (EventLog ended = here.bob().listen(Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, "MachineRemoved")) {
            CompletableFuture<List<?>> status = runTrue(image);
            started();
            awaitMachine(here.alice());
            assertEquals(List.of(List.of("pi", MACHINE, UNIT, image.toString(), 1L)), here.alice().manager("ListMachines", ""));
            assertEquals(List.of(List.of("pi", MACHINE, UNIT, "", 1L)), here.bob().manager("ListMachines", ""));
            assertEquals(List.of("true"), here.alice().property(MACHINE, Names.MACHINE, "Command"));
            assertEquals(List.of(), here.bob().property(MACHINE, Names.MACHINE, "Command"));
            assertEquals("/", here.bob().property(MACHINE, Names.MACHINE, "Image"));
            here.alice().call(MACHINE, Names.MACHINE, "Terminate", "");
            assertEquals(143, value(status));
            assertArrayEquals(new Object[] {"pi", MACHINE, 143}, ended.await());
        }
    }

    @Test
    void commandOfACallerWhoLeavesIsEnded() throws Exception {
        BusClient visitor = BusClient.user(here.bus().address(), TestSystem.ALICE);
        try (EventLog ended = here.root().listen(Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, "MachineRemoved")) {
            run(visitor, here.image("pi.img", TestSystem.ALICE), List.of("true"), NAMED);
            started();
            awaitMachine(here.root());
            visitor.close();
            assertEquals(UNIT, here.systemd().calls().await(call -> call[0].equals("StopUnit"))[1]);
            assertEquals("pi", ended.await()[0]);
        }
        assertEquals(List.of(), here.directory().mounts());
    }

    @Test
    void endThatSomebodyElseAnnouncesIsNone() throws Exception {
        CompletableFuture<List<?>> status = runTrue(here.image("pi.img", TestSystem.ALICE));
        started();
        awaitMachine(here.bob());
        try (RawClient forger = RawClient.connect(here.bus().socket(), TestSystem.BOB)) {
            forger.send(RawMessage.signal("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "UnitRemoved")
                    .body("so", w -> w.string(UNIT).string("/x")));
            forger.send(RawMessage.signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged")
                    .body("sss", w -> w.string(here.alice().name()).string(here.alice().name()).string("")));
            forger.send(RawMessage.ping());
            forger.awaitAnswer(RawMessage.SERIAL);
        }
        assertEquals(1, ((List<?>) here.bob().manager("ListMachines", "")).size());
        assertFalse(status.isDone());
        assertTrue(here.systemd().calls().isEmpty());
    }

    @Test
    void machineThatEndsAtOnceIsAnnouncedBeforeItsEnd() throws Exception {
        here.systemd().setMode(Mode.END_AT_ONCE);
        Path image = here.image("pi.img", TestSystem.ALICE);
        for (int i = 0; i < 10; i++) {
            try (EventLog events = here.bob().listen(Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, "MachineNew");
                    EventLog ends = here.bob().listen(Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, "MachineRemoved")) {
                ends.forwardTo(events);
                assertEquals(7, value(runTrue(image)));
                assertEquals(2, events.await().length);
                assertEquals(3, events.await().length);
            }
        }
    }

    @Test
    void unitThatSystemdDoesNotStartLeavesNothing() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        here.systemd().setMode(Mode.REFUSE);
        assertRefused(Kind.FAILED, runTrue(image));
        here.systemd().setMode(Mode.FAIL);
        assertRefused(Kind.FAILED, runTrue(image));
        assertEquals(List.of(), here.directory().mounts());
        assertEquals(List.of(), here.root().manager("ListMachines", ""));
    }

    @Test
    void startThatHangsKeepsNobodyElseWaiting() throws Exception {
        here.systemd().setMode(Mode.HANG);
        CompletableFuture<List<?>> status = run(here.bob(), here.image("bob.img", TestSystem.BOB), List.of("true"), Map.of());
        String unit = (String) started()[1];
        here.systemd().setMode(Mode.START);
        CompletableFuture<List<?>> other = runTrue(here.image("pi.img", TestSystem.ALICE));
        started();
        here.systemd().end(UNIT, "exited", "0");
        assertEquals(0, value(other));
        here.systemd().finishJob(unit, "timeout");
        assertRefused(Kind.FAILED, status);
    }

    @Test
    void commandThatTheImageDoesNotHaveIsNotStarted() throws Exception {
        Path image = here.image("pi.img", TestSystem.ALICE);
        assertRefused(Kind.COMMAND_NOT_FOUND, run(here.alice(), image, List.of("nosuch"), Map.of()));
        assertRefused(Kind.COMMAND_NOT_FOUND, run(here.alice(), image, List.of("/usr/bin/env"), Map.of()));
        assertRefused(Kind.COMMAND_NOT_EXECUTABLE, run(here.alice(), image, List.of("/bin/text"), Map.of()));
        assertRefused(Kind.COMMAND_NOT_EXECUTABLE, run(here.alice(), image, List.of("/etc"), Map.of()));
        assertRefused(Kind.INVALID_ARGUMENT, run(here.alice(), image, List.of(""), Map.of()));
        assertRefused(Kind.INVALID_ARGUMENT, run(here.alice(), image, List.of("true"), Map.of("name", new Variant<>("../x"))));
        assertTrue(here.systemd().calls().isEmpty());
    }

    @Test
    void imageThatAMachineUsesIsBusy() throws Exception {
        String image = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString());
        CompletableFuture<List<?>> status = here.alice().send((byte) 0, image, Names.IMAGE, "Run", "asa{sv}", List.of("true"), NAMED);
        started();
        awaitMachine(here.alice());
        String text = assertRefused(Kind.BUSY, here.alice().send((byte) 0, image, Names.IMAGE, "Unmount", "a{sv}", Map.of()));
        assertTrue(text.contains("machine pi"), text);
        assertRefused(Kind.BUSY, here.alice().send((byte) 0, image, Names.IMAGE, "Run", "asa{sv}", List.of("true"), NAMED));
        here.systemd().end(UNIT, "exited", "0");
        assertEquals(0, value(status));
        here.alice().unmount(image);
    }

    @Test
    void signalsReachTheMachine() throws Exception {
        CompletableFuture<List<?>> status = runTrue(here.image("pi.img", TestSystem.ALICE));
        started();
        awaitMachine(here.alice());
        here.alice().call(MACHINE, Names.MACHINE, "Kill", "i", 15);
        assertArrayEquals(new Object[] {"KillMachine", "pi", "leader", 15}, here.systemd().calls().await());
        here.alice().call(MACHINE, Names.MACHINE, "TerminalResized", "");
        assertArrayEquals(new Object[] {"KillUnit", UNIT, "main", 28}, here.systemd().calls().await());
        assertRefused(Kind.INVALID_ARGUMENT, here.alice().send((byte) 0, MACHINE, Names.MACHINE, "Kill", "i", 0));
        assertFalse(status.isDone());
    }
}
