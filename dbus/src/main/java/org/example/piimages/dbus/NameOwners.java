package org.example.piimages.dbus;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The owners of the well-known names from which signals are expected.
 *
 * <p>A signal that is addressed to a connection is delivered regardless of its match rules, and any user may send one: only the sender's
 * unique name, which the bus writes into the message, tells who sent it.
 */
final class NameOwners {

    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final Map<String, String> owners = new ConcurrentHashMap<>();

    /**
     * Starts to track a name. Returns true the first time, when the caller has to look up the owner; always false for the bus and for
     * unique names, which own themselves.
     */
    boolean watch(String name) {
        return !name.equals(BusConnection.BUS) && !name.startsWith(":") && watched.add(name);
    }

    /** Records the result of a lookup, unless a change was announced meanwhile: the announcement is newer. */
    void found(String name, String owner) {
        owners.putIfAbsent(name, owner);
    }

    /** Records that the name has a new owner, or none if {@code owner} is empty. */
    void changed(String name, String owner) {
        owners.put(name, owner);
    }

    /** Returns whether {@code sender}, a unique name or null, is {@code name} itself or its current owner. */
    boolean isFrom(String name, String sender) {
        return name.equals(sender) || sender != null && sender.equals(owners.get(name));
    }
}
