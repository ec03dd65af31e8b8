package org.example.piimages.daemon.image;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Reference-counted values by key: created for the first user of a key, shared by all concurrent users, dropped by the last.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the shared values
 */
public final class SharedValues<K, V> {

    /** A value and the number of its users. */
    private record Used<V>(V value, int count) {

        Used<V> changed(int by) {
            return count + by == 0 ? null : new Used<>(value, count + by);
        }
    }

    private final Map<K, Used<V>> values = new ConcurrentHashMap<>();
    private final Supplier<V> factory;

    /** Creates an empty map; {@code factory} creates the values. */
    public SharedValues(Supplier<V> factory) {
        this.factory = factory;
    }

    /** Returns the value of a key and counts a user; each call must be paired with one of {@link #release}. */
    public V take(K key) {
        return values.compute(key, (same, used) -> used == null ? new Used<>(factory.get(), 1) : used.changed(1)).value();
    }

    /** Ends one use of the key's value. */
    public void release(K key) {
        values.computeIfPresent(key, (same, used) -> used.changed(-1));
    }
}
