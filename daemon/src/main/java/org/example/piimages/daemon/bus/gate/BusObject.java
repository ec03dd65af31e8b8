package org.example.piimages.daemon.bus.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** An object on the bus: the implementations of its methods and properties. Their types are defined by the {@link Contract}. */
public final class BusObject {

    /** The implementation of a method: returns the values of the reply, or throws. Runs in a thread that may block. */
    @FunctionalInterface
    public interface Method {
        CompletionStage<Object[]> call(Call call) throws Exception;
    }

    /** The properties and methods of one interface, by name. */
    record Members(Map<String, Method> methods, Map<String, Function<Caller, Object>> properties) {
    }

    private final String path;
    private final Map<String, Members> interfaces = new LinkedHashMap<>();

    public BusObject(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    /** The interfaces besides the standard ones, in the order in which they were added. */
    Map<String, Members> interfaces() {
        return interfaces;
    }

    /** Adds a method. */
    public BusObject method(String interfaceName, String name, Method method) {
        members(interfaceName).methods().put(name, method);
        return this;
    }

    /** Adds a property; its value may depend on the caller. */
    public BusObject property(String interfaceName, String name, Function<Caller, Object> value) {
        members(interfaceName).properties().put(name, value);
        return this;
    }

    private Members members(String interfaceName) {
        return interfaces.computeIfAbsent(interfaceName, key -> new Members(new LinkedHashMap<>(), new LinkedHashMap<>()));
    }
}
