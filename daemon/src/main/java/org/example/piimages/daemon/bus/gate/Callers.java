package org.example.piimages.daemon.bus.gate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.daemon.image.SubordinateIds;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.IncomingMessage;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/**
 * Identifies callers by GetConnectionCredentials of the D-Bus specification. The result is cached for as many connections as the
 * cache holds: credentials do not change, and the bus never reuses a unique name.
 */
final class Callers {

    /** The group nogroup, for a bus that does not report groups: nothing is opened by group permissions then. */
    private static final int NO_GROUP = 65534;

    /** The number of cached connections: more than the number of clients that call repeatedly at any time. */
    private static final int CACHE_SIZE = 64;

    private final BusConnection bus;
    private final Map<String, Caller> cache = Collections.synchronizedMap(new LinkedHashMap<>(CACHE_SIZE, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Caller> eldest) {
            return size() > CACHE_SIZE;
        }
    });

    Callers(BusConnection bus) {
        this.bus = bus;
    }

    /** Identifies the sender of a call. The future fails if the sender has disconnected before the bus could be asked. */
    CompletableFuture<Caller> of(IncomingMessage call) {
        boolean interactive = (call.flags() & BusConnection.ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
        Caller remembered = cache.get(call.sender());
        if (remembered != null) {
            return CompletableFuture.completedFuture(remembered.withInteractive(interactive));
        }
        return bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "GetConnectionCredentials", (byte) 0, "s",
                call.sender()).thenApply(answer -> {
                    Caller caller = caller(call.sender(), (Map<?, ?>) answer[0], interactive);
                    cache.put(caller.sender(), caller);
                    return caller;
                });
    }

    private static Caller caller(String sender, Map<?, ?> credentials, boolean interactive) {
        int uid = ((UInt32) value(credentials, "UnixUserID")).intValue();
        Object pid = credentials.containsKey("ProcessID") ? value(credentials, "ProcessID") : 0;
        Object groups = credentials.containsKey("UnixGroupIDs") ? value(credentials, "UnixGroupIDs") : List.of();
        int[] ids = ((List<?>) groups).stream().mapToInt(id -> ((Number) id).intValue()).toArray();
        int[] groupIds = ids.length == 0 ? new int[] {uid == 0 ? 0 : NO_GROUP} : ids;
        long process = ((Number) pid).longValue();
        int[] primaryFirst = Owner.primaryFirst(groupIds, process);
        return new Caller(sender, uid, SubordinateIds.ofHost().account(uid), primaryFirst, process, interactive);
    }

    private static Object value(Map<?, ?> credentials, String key) {
        return ((Variant<?>) credentials.get(key)).getValue();
    }
}
