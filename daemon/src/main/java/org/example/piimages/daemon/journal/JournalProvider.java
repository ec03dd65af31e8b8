package org.example.piimages.daemon.journal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The SLF4J provider of the daemon, listed in META-INF/services. */
public final class JournalProvider implements SLF4JServiceProvider {

    /** The prefix of the D-Bus library's loggers. It logs errors of peers, which are reported in the replies to them. */
    private static final String LIBRARY = "org.freedesktop.";

    private final Map<String, JournalLogger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> loggers.computeIfAbsent(name,
                key -> new JournalLogger(key.substring(key.lastIndexOf('.') + 1), key.startsWith(LIBRARY) ? Level.ERROR : Level.INFO));
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0";
    }

    @Override
    public void initialize() {
        // The socket is opened with the first entry.
    }
}
