package org.example.piimages.daemon.system;

import static org.example.piimages.daemon.system.BusClient.assertError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The conventions of the bus, as any client finds them. */
class InterfaceIT extends InTestSystem {

    private static final String PROPERTIES = "org.freedesktop.DBus.Properties";
    private static final String INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";

    private static String image;

    @BeforeAll
    static void prepare() throws Exception {
        image = here.alice().mount(here.image("pi.img", TestSystem.ALICE).toString());
    }

    private static CompletableFuture<List<?>> send(String path, String interfaceName, String member, String signature,
            Object... arguments) {
        return here.bob().send((byte) 0, path, interfaceName, member, signature, arguments);
    }

    private static String introspect(String path) throws Exception {
        return (String) here.bob().call(path, INTROSPECTABLE, "Introspect", "");
    }

    @Test
    void whatIsNotThereHasTheSpecificationsErrors() throws Exception {
        assertError(Names.UNKNOWN_OBJECT, send("/nowhere", Names.MANAGER, "ListImages", ""));
        assertError(Names.UNKNOWN_OBJECT, send(Names.IMAGE_PATH_PREFIX + "1_2_3", Names.IMAGE, "Unmount", "a{sv}", Map.of()));
        assertError(Names.UNKNOWN_INTERFACE, send(Names.MANAGER_PATH, Names.IMAGE, "Unmount", "a{sv}", Map.of()));
        assertError(Names.UNKNOWN_METHOD, send(Names.MANAGER_PATH, Names.MANAGER, "Unmount", "a{sv}", Map.of()));
        assertError(Names.UNKNOWN_METHOD, send(Names.MANAGER_PATH, Names.MANAGER, "mountImage", "s", "x"));
        assertError(Names.UNKNOWN_PROPERTY, send(Names.MANAGER_PATH, PROPERTIES, "Get", "ss", Names.MANAGER, "Colour"));
        assertError(Names.UNKNOWN_INTERFACE, send(Names.MANAGER_PATH, PROPERTIES, "Get", "ss", Names.IMAGE, "File"));
        assertError(Names.UNKNOWN_INTERFACE, send(Names.MANAGER_PATH, PROPERTIES, "GetAll", "s", "a.b"));
        assertError(Names.PROPERTY_READ_ONLY, send(Names.MANAGER_PATH, PROPERTIES, "Set", "ssv", Names.MANAGER, "Version",
                new Variant<>("2")));
        assertError(Names.UNKNOWN_PROPERTY, send(Names.MANAGER_PATH, PROPERTIES, "Set", "ssv", Names.MANAGER, "Colour",
                new Variant<>("2")));
    }

    @Test
    void argumentsOfOtherTypesAreRefused() throws Exception {
        assertError(Names.INVALID_ARGS, send(Names.MANAGER_PATH, Names.MANAGER, "MountImage", "s", "/x"));
        assertError(Names.INVALID_ARGS, send(Names.MANAGER_PATH, Names.MANAGER, "ListImages", "s", "/x"));
        assertError(Names.INVALID_ARGS, send(Names.MANAGER_PATH, Names.MANAGER, "GetImage", ""));
        assertError(Names.INVALID_ARGS, send(image, Names.IMAGE, "Unmount", "a{ss}", Map.of()));
    }

    @Test
    void everyObjectIsFoundFromTheRootDown() throws Exception {
        String path = "";
        for (String part : image.substring(1).split("/")) {
            String xml = introspect(path.isEmpty() ? "/" : path);
            assertTrue(xml.contains("<node name=\"" + part + "\"/>"), xml);
            path = path + "/" + part;
        }
        assertTrue(introspect(image).contains("<interface name=\"" + Names.IMAGE + "\">"));
    }

    @Test
    void introspectionShowsArgumentNamesToBusctl() throws Exception {
        String shown = Programs.run("busctl", "--address=" + here.bus().address(), "--xml-interface", "introspect", Names.SERVICE,
                Names.MANAGER_PATH);
        assertTrue(shown.contains("<arg name=\"path\" type=\"s\" direction=\"in\"/>"), shown);
        String table = Programs.run("busctl", "--address=" + here.bus().address(), "introspect", Names.SERVICE, Names.MANAGER_PATH);
        assertTrue(table.contains("sa{sv}") && table.contains("a(ossub)") && table.contains(".MachineRemoved"), table);
    }

    @Test
    void busctlMountsAsAnotherUser() throws Exception {
        Path file = here.image("bob.img", TestSystem.BOB);
        String[] command = {"setpriv", "--reuid=" + TestSystem.BOB, "--regid=" + TestSystem.BOB, "--clear-groups", "busctl",
            "--address=" + here.bus().address(), "call", Names.SERVICE, Names.MANAGER_PATH, Names.MANAGER, "MountImage", "sa{sv}",
            file.toString(), "1", "read-only", "b", "true"};
        String answer = Programs.run(command);
        assertTrue(answer.startsWith("o \"" + Names.IMAGE_PATH_PREFIX), answer);
        here.bob().unmount(answer.substring(3, answer.length() - 1));
    }

    @Test
    void peerAnswers() throws Exception {
        here.bob().call("/", "org.freedesktop.DBus.Peer", "Ping", "");
        assertEquals(Files.readString(Path.of("/etc/machine-id")).strip(),
                here.bob().call(image, "org.freedesktop.DBus.Peer", "GetMachineId", ""));
    }

    @Test
    void interpretersAreListedForThePisCpus() throws Exception {
        List<?> rows = (List<?>) here.bob().manager("ListInterpreters", "");
        assertEquals(List.of("armv7l", "aarch64"), rows.stream().map(row -> ((List<?>) row).get(0)).toList());
    }
}
