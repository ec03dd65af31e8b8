package org.example.piimages.daemon.linux.file;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Something that the daemon did or found: one line in the journal, and fields for programs, PIIMAGES_EVENT first; docs/reliability.md lists
 * them. What was asked for and done is informational; what was put right is a warning.
 *
 * <pre>{@code
 * Event.done("mounted").with("IMAGE", path).with("MOUNT_POINT", folder).say("mounted {} at {}", title, folder);
 * }</pre>
 */
public final class Event {

    private static final Logger LOG = LoggerFactory.getLogger(Event.class);

    private LoggingEventBuilder entry;

    private Event(Level level, String name) {
        entry = LOG.atLevel(level).addKeyValue("PIIMAGES_EVENT", name);
    }

    /** What was asked for has been done, or an end has come about. */
    public static Event done(String name) {
        return new Event(Level.INFO, name);
    }

    /** A daemon before this one left something; it is as it should be now. */
    public static Event putRight(String name) {
        return new Event(Level.WARN, name);
    }

    /** Adds PIIMAGES_NAME. */
    public Event with(String name, Object value) {
        entry = entry.addKeyValue("PIIMAGES_" + name, value);
        return this;
    }

    /** Writes it down. */
    public void say(String pattern, Object... values) {
        entry.log(pattern, values);
    }
}
