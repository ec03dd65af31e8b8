package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.mount.ImageRecord;

/**
 * The CPU architecture of the programs of each mounted image. It is determined once per mount: with many images, that is most of the time
 * that listing them takes. An image without programs is inspected again each time, because somebody may be filling it.
 *
 * <p>The image's files can be on a filesystem that its owner serves and that answers at will. Therefore, only calls of the owner and of
 * root read them; calls of other users get the cached value.
 */
public final class ImageArchitectures {

    private record CacheEntry(long since, String name) {
    }

    private final Map<String, CacheEntry> cache = new ConcurrentHashMap<>();

    /**
     * The architecture, named as in ListInterpreters; empty if nothing indicates it, or if it is not cached and {@code mayLook} is false.
     */
    String of(ImageRecord image, boolean mayLook) {
        CacheEntry cached = cache.get(image.id());
        if (cached != null && cached.since() == image.since()) {
            return cached.name();
        }
        return mayLook ? inspect(image) : "";
    }

    private String inspect(ImageRecord image) {
        try {
            String name = Interpreters.architectureOf(image.mountPoint());
            if (!name.isEmpty()) {
                cache.put(image.id(), new CacheEntry(image.since(), name));
            }
            return name;
        } catch (IOException e) {
            return "";
        }
    }

    /** Removes an image that is no longer mounted. */
    void forget(String id) {
        cache.remove(id);
    }
}
