package org.example.piimages.cli.service;

import java.util.List;
import org.example.piimages.contract.Names;

/**
 * A method call to the service, as data: commands build it, a test reads it.
 *
 * @param path the object
 * @param interfaceName the method's interface
 * @param member the method
 * @param signature the arguments' types as D-Bus writes them, empty for none
 * @param arguments the arguments, in dbus-java's types
 */
public record Call(String path, String interfaceName, String member, String signature, List<Object> arguments) {

    /** A call of the Manager. */
    public static Call manager(String member, String signature, Object... arguments) {
        return new Call(Names.MANAGER_PATH, Names.MANAGER, member, signature, List.of(arguments));
    }

    /** A call of an Image or a Machine. */
    public static Call object(String path, String interfaceName, String member, String signature, Object... arguments) {
        return new Call(path, interfaceName, member, signature, List.of(arguments));
    }

    /** Asks for all properties of an object's interface: one a{sv}. */
    public static Call properties(String path, String interfaceName) {
        return object(path, "org.freedesktop.DBus.Properties", "GetAll", "s", interfaceName);
    }
}
