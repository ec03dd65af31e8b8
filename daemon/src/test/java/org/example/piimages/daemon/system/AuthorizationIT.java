package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertError;
import static org.example.piimages.daemon.system.BusClient.assertRefused;
import static org.example.piimages.daemon.system.BusClient.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.system.MockPolkit.Verdict;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may do what, as polkit says. */
class AuthorizationIT extends InTestSystem {

    private static final byte INTERACTIVE = BusConnection.ALLOW_INTERACTIVE_AUTHORIZATION;

    private static final int DIALOGS = 16;
    private static final int CALLS = 64;
    /** How many of a user's checks without a dialog polkit has at once. */
    private static final int CHECKS = 4;

    @AfterEach
    void tidy() throws Exception {
        here.tidy();
        while (!here.polkit().requests().isEmpty()) {
            here.polkit().requests().await();
        }
    }

    private static CompletableFuture<List<?>> mount(BusClient client, byte flags, Path image) {
        return client.send(flags, Names.MANAGER_PATH, Names.MANAGER, "MountImage", "sa{sv}", image.toString(), Map.of());
    }

    private static CompletableFuture<List<?>> unmount(BusClient client, String image) {
        return client.send((byte) 0, image, Names.IMAGE, "Unmount", "a{sv}", Map.of());
    }

    @Test
    void callerWhomPolkitAllowsMounts() throws Exception {
        Path image = here.image("a.img", TestSystem.ALICE);
        assertNotNull(value(mount(here.alice(), (byte) 0, image)));
        assertArrayEquals(new Object[] {here.alice().name(), "org.example.PiImages.mount", Map.of("file", image.toString()), 0L},
                here.polkit().requests().await());
    }

    @Test
    void interactiveFlagIsPassedOn() throws Exception {
        value(mount(here.alice(), INTERACTIVE, here.image("a.img", TestSystem.ALICE)));
        assertEquals(1L, here.polkit().requests().await()[3]);
    }

    @Test
    void rootIsNotAskedAbout() throws Exception {
        value(mount(here.root(), (byte) 0, here.image("a.img", 0)));
        assertTrue(here.polkit().requests().isEmpty());
    }

    @Test
    void callerWhomPolkitDeniesIsRefused() throws Exception {
        here.polkit().setVerdict(Verdict.DENY);
        assertRefused(Failure.Kind.NOT_AUTHORIZED, mount(here.alice(), (byte) 0, here.image("a.img", TestSystem.ALICE)));
        assertEquals(List.of(), here.root().manager("ListImages", ""));
    }

    @Test
    void dismissedDialogHasItsOwnError() throws Exception {
        here.polkit().setVerdict(Verdict.DISMISSED);
        assertRefused(Failure.Kind.AUTHORIZATION_DISMISSED, mount(here.alice(), INTERACTIVE, here.image("a.img", TestSystem.ALICE)));
    }

    @Test
    void dialogThatTheMessageDoesNotAllowIsSaidToBeRequired() throws Exception {
        here.polkit().setVerdict(Verdict.CHALLENGE);
        assertError(Names.INTERACTIVE_AUTHORIZATION_REQUIRED, mount(here.alice(), (byte) 0, here.image("a.img", TestSystem.ALICE)));
    }

    @Test
    void dialogThatNobodyCanShowIsARefusal() throws Exception {
        here.polkit().setVerdict(Verdict.CHALLENGE);
        String text = assertRefused(Failure.Kind.NOT_AUTHORIZED, mount(here.alice(), INTERACTIVE, here.image("a.img", TestSystem.ALICE)));
        assertTrue(text.contains("no authentication agent"), text);
    }

    @Test
    void authorityThatFailsAllowsNothing() throws Exception {
        here.polkit().setVerdict(Verdict.FAIL);
        assertRefused(Failure.Kind.NOT_AUTHORIZED, mount(here.alice(), (byte) 0, here.image("a.img", TestSystem.ALICE)));
    }

    @Test
    void ownImageIsReleasedByAWeakerActionThanOthers() throws Exception {
        String image = (String) value(mount(here.alice(), (byte) 0, here.image("a.img", TestSystem.ALICE)));
        here.polkit().requests().await();
        here.polkit().setVerdict(Verdict.DENY);
        assertRefused(Failure.Kind.NOT_AUTHORIZED, unmount(here.bob(), image));
        assertEquals("org.example.PiImages.manage-others", here.polkit().requests().await()[1]);
        here.polkit().setVerdict(Verdict.ALLOW);
        value(unmount(here.alice(), image));
        assertEquals("org.example.PiImages.release", here.polkit().requests().await()[1]);
    }

    @Test
    void runInAMountedImageIsAskedAboutOnce() throws Exception {
        String image = (String) value(mount(here.alice(), (byte) 0, here.image("a.img", TestSystem.ALICE)));
        here.polkit().requests().await();
        CompletableFuture<List<?>> status = here.alice().send((byte) 0, image, Names.IMAGE, "Run", "asa{sv}", List.of("true"),
                Map.of("name", new Variant<>("once")));
        assertEquals("StartTransientUnit", here.systemd().calls().await()[0]);
        here.systemd().end("piimages-once.service", "exited", "0");
        assertEquals(0, value(status));
        assertEquals("org.example.PiImages.run", here.polkit().requests().await()[1]);
        assertTrue(here.polkit().requests().isEmpty());
    }

    /** Leave for another user's image is none for privileges in it. */
    @Test
    void privilegesInAnotherUsersImageAreAskedAboutToo() throws Exception {
        String image = (String) value(mount(here.alice(), (byte) 0, here.image("a.img", TestSystem.ALICE)));
        here.polkit().requests().await();
        CompletableFuture<List<?>> status = here.bob().send((byte) 0, image, Names.IMAGE, "Run", "asa{sv}", List.of("nosuch"),
                Map.of("host-users", new Variant<>(true)));
        assertRefused(Failure.Kind.COMMAND_NOT_FOUND, status);
        assertEquals("org.example.PiImages.manage-others", here.polkit().requests().await()[1]);
        assertEquals("org.example.PiImages.run-privileged", here.polkit().requests().await()[1]);
        assertTrue(here.polkit().requests().isEmpty());
    }

    @Test
    void openDialogKeepsNobodyElseWaiting() throws Exception {
        here.polkit().setVerdict(Verdict.ASK);
        Path image = here.image("a.img", TestSystem.ALICE);
        List<CompletableFuture<List<?>>> waiting = new ArrayList<>();
        for (int i = 0; i < DIALOGS; i++) {
            waiting.add(mount(here.alice(), INTERACTIVE, image));
            here.polkit().requests().await();
        }
        here.polkit().setVerdict(Verdict.ALLOW);
        assertNotNull(value(mount(here.bob(), (byte) 0, here.image("b.img", TestSystem.BOB))));
        here.polkit().decide(Verdict.DENY);
        for (CompletableFuture<List<?>> call : waiting) {
            assertRefused(Failure.Kind.NOT_AUTHORIZED, call);
        }
    }

    @Test
    void callsBeyondTheLimitAreRefusedAndHurtOnlyTheirUser() throws Exception {
        here.polkit().setVerdict(Verdict.ASK);
        Path image = here.image("a.img", TestSystem.ALICE);
        List<CompletableFuture<List<?>>> waiting = new ArrayList<>();
        for (int i = 0; i < DIALOGS; i++) {
            waiting.add(mount(here.alice(), INTERACTIVE, image));
            here.polkit().requests().await();
        }
        String text = assertRefused(Failure.Kind.LIMIT_EXCEEDED, mount(here.alice(), INTERACTIVE, image));
        assertTrue(text.contains("waiting for authentication"), text);
        for (int i = DIALOGS; i < CALLS; i++) {
            waiting.add(mount(here.alice(), (byte) 0, image));
        }
        for (int i = 0; i < CHECKS; i++) {
            here.polkit().requests().await();
        }
        text = assertRefused(Failure.Kind.LIMIT_EXCEEDED, mount(here.alice(), (byte) 0, image));
        assertTrue(text.contains("calls in progress"), text);
        here.polkit().setVerdict(Verdict.ALLOW);
        assertNotNull(value(mount(here.bob(), (byte) 0, here.image("b.img", TestSystem.BOB))));
        here.polkit().setVerdict(Verdict.DENY);
        here.polkit().decide(Verdict.DENY);
        for (CompletableFuture<List<?>> call : waiting) {
            assertRefused(Failure.Kind.NOT_AUTHORIZED, call);
        }
        here.polkit().setVerdict(Verdict.ALLOW);
        assertNotNull(value(mount(here.alice(), (byte) 0, image)));
    }

    @Test
    void callerWhoLeavesWhilePolkitAsksGetsNothingDone() throws Exception {
        Path image = here.image("a.img", TestSystem.ALICE);
        here.polkit().setVerdict(Verdict.ASK);
        int before = here.daemon().descriptors();
        BusClient visitor = BusClient.user(here.bus().address(), TestSystem.ALICE);
        try (EventLog owners = here.root().listen(BusConnection.BUS, null, BusConnection.BUS, "NameOwnerChanged")) {
            mount(visitor, INTERACTIVE, image);
            here.polkit().requests().await();
            visitor.close();
            owners.await(event -> event[0].equals(visitor.name()) && event[2].equals(""));
        }
        here.polkit().decide(Verdict.ALLOW);
        // A call that is answered later than the decision was made: what the decision led to has been done by then.
        here.polkit().setVerdict(Verdict.ALLOW);
        assertNotNull(value(mount(here.bob(), (byte) 0, here.image("b.img", TestSystem.BOB))));
        assertEquals(1, ((List<?>) here.root().manager("ListImages", "")).size());
        here.daemon().requireDescriptors(before + 2);
    }
}
