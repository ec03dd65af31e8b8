package org.example.piimages.daemon.journal;

import java.util.List;
import org.example.piimages.daemon.linux.systemd.JournalSocket;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** Writes the messages of one class to the journal. Key-value pairs become fields. */
final class JournalLogger extends LegacyAbstractLogger implements LoggingEventAware {

    private static final long serialVersionUID = 1;
    private static final String IDENTIFIER = "piimagesd";

    private final Level threshold;

    /** Creates a logger that drops messages below a level. */
    JournalLogger(String name, Level minimumLevel) {
        this.name = name;
        this.threshold = minimumLevel;
    }

    @Override
    public boolean isTraceEnabled() {
        return isEnabled(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return isEnabled(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return isEnabled(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return isEnabled(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return isEnabled(Level.ERROR);
    }

    private boolean isEnabled(Level level) {
        return level.toInt() >= threshold.toInt();
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return JournalLogger.class.getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
        write(level, pattern, arguments, thrown, List.of());
    }

    @Override
    public void log(LoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (isEnabled(event.getLevel())) {
            write(event.getLevel(), event.getMessage(), event.getArgumentArray(), event.getThrowable(), pairs == null ? List.of() : pairs);
        }
    }

    private void write(Level level, String pattern, Object[] arguments, Throwable thrown, List<KeyValuePair> fields) {
        JournalEntry entry = new JournalEntry(priority(level), MessageFormatter.basicArrayFormat(pattern, arguments))
                .field("SYSLOG_IDENTIFIER", IDENTIFIER).field("LOGGER", name);
        fields.forEach(pair -> entry.field(pair.key, String.valueOf(pair.value)));
        if (thrown != null) {
            entry.trace(thrown);
        }
        JournalSocket.write(entry.bytes(), entry::lines);
    }

    /** The priority as in syslog(3). */
    private static int priority(Level level) {
        return switch (level) {
            case ERROR -> 3;
            case WARN -> 4;
            case INFO -> 6;
            default -> 7;
        };
    }
}
