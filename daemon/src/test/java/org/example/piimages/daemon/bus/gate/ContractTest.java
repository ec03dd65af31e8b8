package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.object.BusObjects;
import org.example.piimages.dbus.Marshaller;
import org.junit.jupiter.api.Test;

/** The objects implement exactly the documented interface. */
class ContractTest {

    private static Contract contract() throws Exception {
        return Contract.load();
    }

    @Test
    void typesAreThoseOfTheXml() throws Exception {
        Contract.Interface manager = contract().get(Names.MANAGER);
        assertEquals(new Contract.Method("sa{sv}", "o"), manager.methods().get("MountImage"));
        assertEquals(new Contract.Method("hsa{sv}", "o"), manager.methods().get("MountImageFd"));
        assertEquals(new Contract.Method("", "a(ossub)"), manager.methods().get("ListImages"));
        assertEquals(new Contract.Method("sasa{sv}", "i"), manager.methods().get("RunImage"));
        assertEquals(Map.of("Version", "s"), manager.properties());
        assertEquals(new Contract.Method("", ""), contract().get(Names.MACHINE).methods().get("Terminate"));
        assertNull(contract().get("no.such.interface"));
    }

    @Test
    void signalsAreNotReadAsMethods() throws Exception {
        assertTrue(contract().get(Names.MANAGER).methods().keySet().stream().noneMatch(name -> name.startsWith("Machine")));
        assertEquals(new Contract.Method("ssv", ""), contract().get(ObjectTree.PROPERTIES).methods().get("Set"));
    }

    @Test
    void objectsHaveExactlyTheDocumentedMembers() throws Exception {
        for (BusObject object : BusObjects.all()) {
            assertEquals(1, object.interfaces().size());
            String name = object.interfaces().keySet().iterator().next();
            Contract.Interface described = contract().get(name);
            BusObject.Members served = object.interfaces().get(name);
            assertEquals(described.methods().keySet(), served.methods().keySet(), name);
            assertEquals(described.properties().keySet(), served.properties().keySet(), name);
        }
    }

    @Test
    void propertyValuesHaveTheDocumentedTypes() throws Exception {
        for (BusObject object : BusObjects.all()) {
            String name = object.interfaces().keySet().iterator().next();
            for (Caller caller : List.of(BusObjects.SELF, BusObjects.OTHER, Caller.EVERYBODY)) {
                for (Map.Entry<String, Function<Caller, Object>> property : object.interfaces().get(name).properties().entrySet()) {
                    String type = contract().get(name).properties().get(property.getKey());
                    Object value = property.getValue().apply(caller);
                    assertDoesNotThrow(() -> new Marshaller().put(type, value), name + "." + property.getKey());
                }
            }
        }
    }

    @Test
    void xmlHasArgumentNamesAndNoComments() throws Exception {
        String xml = contract().get(Names.MANAGER).xml().toString();
        assertTrue(xml.contains("<arg name=\"path\" type=\"s\" direction=\"in\"/>"), xml);
        assertTrue(!xml.contains("<!--") && xml.startsWith("<interface name=\"" + Names.MANAGER + "\">"), xml);
    }

    @Test
    void hidesFileCommandAndMountPointFromOtherUsers() {
        for (BusObject object : List.of(BusObjects.image(), BusObjects.machine())) {
            BusObject.Members members = object.interfaces().values().iterator().next();
            for (String secret : Set.of("File", "MountPoint", "Command")) {
                Object shown = members.properties().getOrDefault(secret, caller -> "").apply(BusObjects.OTHER);
                assertTrue(shown.equals("") || shown.equals(List.of()), secret);
            }
        }
    }
}
