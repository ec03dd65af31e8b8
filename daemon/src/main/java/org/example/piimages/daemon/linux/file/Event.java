package org.example.piimages.daemon.linux.file;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * An event for the journal: one line of text, and fields for programs, PIIMAGES_EVENT first; docs/reliability.md lists them. Completed
 * requests are informational; repairs are warnings.
 *
 * <pre>{@code
 * Event.done("mounted").with("IMAGE", path).with("MOUNT_POINT", directory).log("mounted {} at {}", title, directory);
 * }</pre>
 */
public final class Event {

    private static final Logger LOG = LoggerFactory.getLogger(Event.class);

    private LoggingEventBuilder entry;

    private Event(Level level, String name) {
        entry = LOG.atLevel(level).addKeyValue("PIIMAGES_EVENT", name);
    }

    /** An event for a request that was completed, or something that has ended. */
    public static Event done(String name) {
        return new Event(Level.INFO, name);
    }

    /** An event for something that a previous daemon left behind, and that was repaired. */
    public static Event repaired(String name) {
        return new Event(Level.WARN, name);
    }

    /** Adds the field PIIMAGES_{@code name}. */
    public Event with(String name, Object value) {
        entry = entry.addKeyValue("PIIMAGES_" + name, value);
        return this;
    }

    /** Writes the event to the journal. */
    public void log(String pattern, Object... values) {
        entry.log(pattern, values);
    }
}
