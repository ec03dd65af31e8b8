package org.example.piimages.daemon.image;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A value for each key that somebody uses: made for the first, the same for all who use it at once, and forgotten with the last.
 *
 * @param <K> what it is of
 * @param <V> what is shared
 */
public final class SharedValues<K, V> {

    /** A value, and how many use it. */
    private record Used<V>(V value, int count) {

        Used<V> changed(int by) {
            return count + by == 0 ? null : new Used<>(value, count + by);
        }
    }

    private final Map<K, Used<V>> values = new ConcurrentHashMap<>();
    private final Supplier<V> maker;

    /** Values that are made by that. */
    public SharedValues(Supplier<V> maker) {
        this.maker = maker;
    }

    /** The value of a key, until {@link #leave} is called for it as often. */
    public V take(K key) {
        return values.compute(key, (same, used) -> used == null ? new Used<>(maker.get(), 1) : used.changed(1)).value();
    }

    /** One uses it no more. */
    public void leave(K key) {
        values.computeIfPresent(key, (same, used) -> used.changed(-1));
    }
}
