package org.example.piimages.dbus;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is behind the names that signals are expected from.
 *
 * <p>A signal that is addressed to a connection reaches it past all its match rules, and any user may send one: only the sender's unique
 * name, which the bus writes into the message, tells whose it is.
 */
final class NameOwners {

    private final Set<String> followed = ConcurrentHashMap.newKeySet();
    private final Map<String, String> owners = new ConcurrentHashMap<>();

    /** Whether the owner of this name is still to be found out; true once. The bus and unique names are their own owners. */
    boolean begin(String name) {
        return !name.equals(BusConnection.BUS) && !name.startsWith(":") && followed.add(name);
    }

    /** The answer to a question; what was announced meanwhile is newer. */
    void found(String name, String owner) {
        owners.putIfAbsent(name, owner);
    }

    /** The name has gone to another owner, or to none when that is empty. */
    void changed(String name, String owner) {
        owners.put(name, owner);
    }

    /** Whether a message's sender is who is called so. */
    boolean isFrom(String name, String sender) {
        return name.equals(sender) || sender != null && sender.equals(owners.get(name));
    }
}
