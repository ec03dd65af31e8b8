package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.ImageRecord;

/**
 * What CPU the programs of each mounted image are for. Looked up once in each mount: with many images that is most of what it takes to
 * tell of them. An image without programs is looked at again: somebody may be filling it.
 *
 * <p>An image's files can be on a filesystem of its owner's making, which answers when it likes. So they are looked at in calls of the
 * owner's and of root's alone; others are told what is known.
 */
public final class Architectures {

    private record Known(long since, String name) {
    }

    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** As in ListInterpreters; empty where nothing tells, or where it is not known and the caller may not look. */
    String of(ImageRecord image, boolean mayLook) {
        Known before = known.get(image.id());
        if (before != null && before.since() == image.since()) {
            return before.name();
        }
        return mayLook ? look(image) : "";
    }

    private String look(ImageRecord image) {
        try {
            String name = Interpreters.architectureOf(image.mountPoint());
            if (!name.isEmpty()) {
                known.put(image.id(), new Known(image.since(), name));
            }
            return name;
        } catch (IOException e) {
            return "";
        }
    }

    /** The image is not mounted any more. */
    void forget(String id) {
        known.remove(id);
    }
}
