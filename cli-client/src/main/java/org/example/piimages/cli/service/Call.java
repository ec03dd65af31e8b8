package org.example.piimages.cli.service;

import java.util.List;
import org.example.piimages.contract.Names;

/**
 * A method call to the service as data, which commands create and tests can inspect.
 *
 * @param path the object path
 * @param interfaceName the interface of the method
 * @param member the name of the method
 * @param signature the D-Bus signature of the arguments; empty if there are none
 * @param arguments the arguments, in the types of dbus-java
 */
public record Call(String path, String interfaceName, String member, String signature, List<Object> arguments) {

    /** Returns a call to a method of the Manager. */
    public static Call manager(String member, String signature, Object... arguments) {
        return new Call(Names.MANAGER_PATH, Names.MANAGER, member, signature, List.of(arguments));
    }

    /** Returns a call to a method of another object, such as an Image or a Machine. */
    public static Call object(String path, String interfaceName, String member, String signature, Object... arguments) {
        return new Call(path, interfaceName, member, signature, List.of(arguments));
    }

    /** Returns a call that gets all properties of an interface of an object; the reply is one a{sv}. */
    public static Call properties(String path, String interfaceName) {
        return object(path, "org.freedesktop.DBus.Properties", "GetAll", "s", interfaceName);
    }
}
