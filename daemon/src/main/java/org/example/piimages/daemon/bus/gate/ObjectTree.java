package org.example.piimages.daemon.bus.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;

/**
 * The current objects of the service, and the standard interfaces on each of them. Objects are not registered: each lookup asks for the
 * images, machines and jobs that exist at that moment.
 */
public final class ObjectTree {

    public static final String PROPERTIES = "org.freedesktop.DBus.Properties";
    static final String INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";
    static final String PEER = "org.freedesktop.DBus.Peer";
    public static final String OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";

    private static final String DOCTYPE = """
            <!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
            "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
            """;

    private final Contract contract;
    private final BusObject manager;
    private final Others others;
    private final Supplier<String> machineId;

    /** The objects besides the manager, created anew for each lookup. */
    public interface Others {
        /** All of them. */
        List<BusObject> all();

        /** The object at a path; empty if there is none. */
        default Optional<BusObject> find(String path) {
            return all().stream().filter(object -> object.path().equals(path)).findFirst();
        }
    }

    /**
     * A tree of the manager's object and the others.
     *
     * @param machineId gives the content of machine-id(5) for GetMachineId
     */
    public ObjectTree(Contract contract, BusObject manager, Others others, Supplier<String> machineId) {
        this.contract = contract;
        this.manager = manager;
        this.others = others;
        this.machineId = machineId;
    }

    /**
     * The object at a path, with the standard interfaces. A path that only leads to other objects has an object with nothing else. Empty if
     * the path leads nowhere.
     */
    Optional<BusObject> find(String path) {
        if (path.equals(Names.MANAGER_PATH)) {
            return Optional.of(withStandard(manager));
        }
        Optional<BusObject> found = others.find(path);
        if (found.isPresent()) {
            return found.map(this::withStandard);
        }
        return children(path, others.all()).isEmpty() ? Optional.empty() : Optional.of(withStandard(new BusObject(path)));
    }

    private BusObject withStandard(BusObject plain) {
        BusObject object = new BusObject(plain.path());
        object.method(PEER, "Ping", call -> done());
        object.method(PEER, "GetMachineId", call -> done(machineId.get()));
        object.method(INTROSPECTABLE, "Introspect", call -> done(introspect(object)));
        object.method(PROPERTIES, "Get", call -> done(get(object, call)));
        object.method(PROPERTIES, "GetAll", call -> done(getAll(object, call)));
        object.method(PROPERTIES, "Set", call -> {
            property(object, call.string(0), call.string(1));
            throw new RemoteError(Names.PROPERTY_READ_ONLY, "property " + call.string(1) + " cannot be set");
        });
        if (plain == manager) {
            object.method(OBJECT_MANAGER, "GetManagedObjects", call -> done(managedObjects(call.caller())));
        }
        object.interfaces().putAll(plain.interfaces());
        return object;
    }

    private static CompletableFuture<Object[]> done(Object... values) {
        return CompletableFuture.completedFuture(values);
    }

    private Variant<?> get(BusObject object, Call call) {
        Function<Caller, Object> property = property(object, call.string(0), call.string(1));
        String owner = call.string(0).isEmpty() ? interfaceOf(object, call.string(1)) : call.string(0);
        return variant(owner, call.string(1), property.apply(call.caller()));
    }

    /** Looks up a property. An empty interface name means any interface: D-Bus specification, "org.freedesktop.DBus.Properties". */
    private static Function<Caller, Object> property(BusObject object, String interfaceName, String name) {
        String owner = interfaceName.isEmpty() ? interfaceOf(object, name) : interfaceName;
        BusObject.Members members = object.interfaces().get(owner);
        if (members == null && !interfaceName.isEmpty()) {
            throw new RemoteError(Names.UNKNOWN_INTERFACE, "this object has no such interface");
        }
        if (members == null || !members.properties().containsKey(name)) {
            throw new RemoteError(Names.UNKNOWN_PROPERTY, "this object has no such property");
        }
        return members.properties().get(name);
    }

    private static String interfaceOf(BusObject object, String property) {
        return object.interfaces().entrySet().stream().filter(entry -> entry.getValue().properties().containsKey(property))
                .map(Map.Entry::getKey).findFirst().orElse("");
    }

    private Map<String, Variant<?>> getAll(BusObject object, Call call) {
        String interfaceName = call.string(0);
        if (!interfaceName.isEmpty() && !object.interfaces().containsKey(interfaceName)) {
            throw new RemoteError(Names.UNKNOWN_INTERFACE, "this object has no such interface");
        }
        Map<String, Variant<?>> all = new TreeMap<>();
        object.interfaces().keySet().stream().filter(name -> interfaceName.isEmpty() || name.equals(interfaceName))
                .forEach(name -> all.putAll(properties(object, name, call.caller())));
        return all;
    }

    private Map<String, Variant<?>> properties(BusObject object, String interfaceName, Caller caller) {
        Map<String, Variant<?>> values = new TreeMap<>();
        object.interfaces().get(interfaceName).properties()
                .forEach((name, value) -> values.put(name, variant(interfaceName, name, value.apply(caller))));
        return values;
    }

    private Variant<?> variant(String interfaceName, String name, Object value) {
        return new Variant<>(value, contract.get(interfaceName).properties().get(name));
    }

    /**
     * The description of an object in InterfacesAdded and GetManagedObjects: its own interfaces with their properties, as the caller may
     * see them.
     */
    public Map<String, Map<String, Variant<?>>> describe(BusObject object, Caller caller) {
        Map<String, Map<String, Variant<?>>> interfaces = new TreeMap<>();
        object.interfaces().keySet().forEach(name -> interfaces.put(name, properties(object, name, caller)));
        return interfaces;
    }

    private Map<String, Map<String, Map<String, Variant<?>>>> managedObjects(Caller caller) {
        Map<String, Map<String, Map<String, Variant<?>>>> objects = new TreeMap<>();
        others.all().forEach(object -> objects.put(object.path(), describe(object, caller)));
        return objects;
    }

    private String introspect(BusObject object) {
        StringBuilder xml = new StringBuilder(DOCTYPE).append("<node>\n");
        object.interfaces().keySet().forEach(name -> xml.append(contract.get(name).xml()));
        children(object.path(), others.all()).forEach(child -> xml.append("<node name=\"").append(child).append("\"/>\n"));
        return xml.append("</node>\n").toString();
    }

    /** The names of the nodes directly below a path. */
    private List<String> children(String path, List<BusObject> objects) {
        String prefix = path.equals("/") ? "/" : path + "/";
        List<String> paths = new ArrayList<>(objects.stream().map(BusObject::path).toList());
        paths.add(manager.path());
        TreeSet<String> names = new TreeSet<>();
        paths.stream().filter(other -> other.startsWith(prefix)).map(other -> other.substring(prefix.length()).split("/")[0])
                .forEach(names::add);
        return List.copyOf(names);
    }
}
