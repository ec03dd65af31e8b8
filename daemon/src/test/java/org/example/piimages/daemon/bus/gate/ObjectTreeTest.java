package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.object.BusObjects;
import org.example.piimages.daemon.bus.object.MachineObject;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ObjectTreeTest {

    private static final String IMAGE = Names.IMAGE_PATH_PREFIX + "7_0_12";
    private static final String MACHINE = Names.MACHINE_PATH_PREFIX + "pi_2d2";

    private final List<BusObject> others = new ArrayList<>(List.of(BusObjects.image(), BusObjects.machine()));
    private ObjectTree tree;

    @BeforeEach
    void createTree() throws Exception {
        tree = new ObjectTree(Contract.load(), BusObjects.manager(), () -> others, () -> "0123");
    }

    private Object call(String path, String interfaceName, String member, Caller caller, Object... arguments) throws Exception {
        BusObject.Method method = tree.find(path).orElseThrow().interfaces().get(interfaceName).methods().get(member);
        return method.call(new Call(caller, "Test", arguments, System.nanoTime())).toCompletableFuture().join()[0];
    }

    private String introspect(String path) throws Exception {
        return (String) call(path, ObjectTree.INTROSPECTABLE, "Introspect", BusObjects.OTHER);
    }

    private static void assertError(String name, Executable action) {
        assertEquals(name, assertThrows(RemoteError.class, action).errorName());
    }

    @Test
    void introspectionListsChildNodes() throws Exception {
        assertTrue(introspect("/").contains("<node name=\"org\"/>"));
        assertTrue(introspect("/org").contains("<node name=\"example\"/>"));
        String manager = introspect(Names.MANAGER_PATH);
        assertTrue(manager.contains("<node name=\"image\"/>") && manager.contains("<node name=\"machine\"/>"), manager);
        assertTrue(introspect(Names.MANAGER_PATH + "/machine").contains("<node name=\"pi_2d2\"/>"));
        assertTrue(introspect(IMAGE).contains("<arg name=\"options\" type=\"a{sv}\" direction=\"in\"/>"));
        assertEquals(-1, introspect(IMAGE).indexOf("<node name"));
    }

    @Test
    void pathThatIsPrefixOfAnotherHidesNothing() throws Exception {
        others.add(new BusObject(IMAGE + "3"));
        String images = introspect(Names.MANAGER_PATH + "/image");
        assertTrue(images.contains("\"7_0_12\"") && images.contains("\"7_0_123\""), images);
        assertTrue(tree.find(IMAGE + "/x").isEmpty());
    }

    @Test
    void onlyTheManagerHasObjectManager() {
        assertTrue(tree.find(Names.MANAGER_PATH).orElseThrow().interfaces().containsKey(ObjectTree.OBJECT_MANAGER));
        assertTrue(!tree.find(IMAGE).orElseThrow().interfaces().containsKey(ObjectTree.OBJECT_MANAGER));
        assertTrue(tree.find("/org/example/PiImages/").isEmpty());
        assertTrue(tree.find("/org/exam").isEmpty());
    }

    @Test
    void managedObjectsAreTheCurrentOnes() throws Exception {
        assertEquals(Set.of(IMAGE, MACHINE), managed().keySet());
        others.remove(0);
        assertEquals(Set.of(MACHINE), managed().keySet());
    }

    private Map<?, ?> managed() throws Exception {
        return (Map<?, ?>) call(Names.MANAGER_PATH, ObjectTree.OBJECT_MANAGER, "GetManagedObjects", BusObjects.OTHER);
    }

    @Test
    void propertiesDependOnTheCaller() throws Exception {
        for (String asked : List.of(Names.IMAGE, "")) {
            assertEquals("/home/a/pi.img", property(BusObjects.SELF, asked, "File"));
            assertEquals("", property(BusObjects.OTHER, asked, "File"));
        }
        assertEquals("os-release", property(BusObjects.OTHER, Names.IMAGE, "BootRule"));
        assertEquals(10, ((Map<?, ?>) call(IMAGE, ObjectTree.PROPERTIES, "GetAll", BusObjects.SELF, "")).size());
    }

    private Object property(Caller caller, String interfaceName, String name) throws Exception {
        return ((Variant<?>) call(IMAGE, ObjectTree.PROPERTIES, "Get", caller, interfaceName, name)).getValue();
    }

    @Test
    void unknownMembersGiveTheStandardErrors() {
        assertError(Names.UNKNOWN_PROPERTY, () -> property(BusObjects.SELF, Names.IMAGE, "Colour"));
        assertError(Names.UNKNOWN_PROPERTY, () -> property(BusObjects.SELF, "", "Colour"));
        assertError(Names.UNKNOWN_PROPERTY, () -> property(BusObjects.SELF, ObjectTree.PEER, "File"));
        assertError(Names.UNKNOWN_INTERFACE, () -> property(BusObjects.SELF, Names.MACHINE, "File"));
        assertError(Names.PROPERTY_READ_ONLY,
                () -> call(IMAGE, ObjectTree.PROPERTIES, "Set", BusObjects.SELF, Names.IMAGE, "File", new Variant<>("x")));
    }

    @Test
    void machineNamesHaveDistinctPaths() {
        assertEquals(MACHINE, MachineObject.path("pi-2"));
        assertTrue(!MachineObject.path("pi2d2").equals(MachineObject.path("pi-2")));
    }
}
