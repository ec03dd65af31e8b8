package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertRefused;
import static org.example.piimages.daemon.system.BusClient.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure.Kind;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.system.MockSystemd.Mode;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of machines, and of their owners' other calls, while systemd takes its time. */
class SlowSystemdIT extends InTestSystem {

    private static final Map<String, Variant<?>> NAMED = Map.of("name", new Variant<>("pi"));
    private static final String UNIT = "piimages-pi.service";
    private static final String MACHINE = Names.MACHINE_PATH_PREFIX + "pi";
    /** As many as one user has threads for calls. */
    private static final int THREADS = 8;

    @AfterEach
    void tidy() throws Exception {
        here.tidy();
    }

    private static CompletableFuture<List<?>> run(Path image, Map<String, Variant<?>> options) {
        return here.alice().send((byte) 0, Names.MANAGER_PATH, Names.MANAGER, "RunImage", "sasa{sv}", image.toString(), List.of("true"),
                options);
    }

    /** The unit that is started next. */
    private static String started() throws Exception {
        return (String) here.systemd().calls().await(call -> call[0].equals("StartTransientUnit"))[1];
    }

    private static void awaitQuestion(String unit) throws Exception {
        here.systemd().calls().await(call -> call[0].equals("GetUnit") && call[1].equals(unit));
    }

    @Test
    void startsThatHangDoNotKeepTheirOwnersOtherCallsWaiting() throws Exception {
        here.systemd().setMode(Mode.HANG);
        Path image = here.image("pi.img", TestSystem.ALICE);
        List<CompletableFuture<List<?>>> hanging = new ArrayList<>();
        List<String> units = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            hanging.add(run(image, Map.of()));
            units.add(started());
        }
        assertEquals(THREADS, ((List<?>) here.alice().manager("ListMachines", "")).size());
        for (String unit : units) {
            here.systemd().finishJob(unit, "timeout");
        }
        for (CompletableFuture<List<?>> start : hanging) {
            assertRefused(Kind.FAILED, start);
        }
    }

    /** systemd announces an end once. */
    @Test
    void endOfAMachineIsHeardOfThoughSystemdDoesNotAnswerAtOnce() throws Exception {
        CompletableFuture<List<?>> status = run(here.image("pi.img", TestSystem.ALICE), NAMED);
        started();
        here.systemd().setMode(Mode.BUSY);
        here.systemd().end(UNIT, "exited", "3");
        awaitQuestion(UNIT);
        awaitQuestion(UNIT);
        assertFalse(status.isDone());
        here.systemd().setMode(Mode.START);
        assertEquals(3, value(status));
    }

    @Test
    void endOfAFurtherCommandIsHeardOfThoughSystemdDoesNotAnswerAtOnce() throws Exception {
        here.alice().manager("BootImage", "sa{sv}", here.image("pi.img", TestSystem.ALICE).toString(), NAMED);
        started();
        CompletableFuture<List<?>> status = here.alice().send((byte) 0, MACHINE, Names.MACHINE, "Run", "asa{sv}", List.of("true"),
                Map.of());
        String unit = started();
        here.systemd().setMode(Mode.BUSY);
        here.systemd().endCommand("pi", unit, "4");
        awaitQuestion(unit);
        awaitQuestion(unit);
        assertFalse(status.isDone());
        here.systemd().setMode(Mode.START);
        assertEquals(4, value(status));
    }
}
