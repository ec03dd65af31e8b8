package org.example.piimages.cli.output;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** Displays the progress of a job: on a terminal one line that is updated in place, otherwise one line per step. */
public final class JobProgress {

    private static final String CLEAR = "\r\033[K";
    private static final int BAR_WIDTH = 24;

    private final PrintStream out;
    private final boolean terminal;
    private String step = "";
    private boolean ended;

    public JobProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Displays the progress from properties that were queried. Has no effect after {@link #show}, whose properties may be newer. */
    public synchronized void begin(Map<?, ?> properties) {
        if (step.isEmpty()) {
            show(properties);
        }
    }

    /** Displays the progress from properties that the job has sent. */
    public synchronized void show(Map<?, ?> properties) {
        if (ended || !(properties.get("Step") instanceof String now) || now.isEmpty()) {
            return;
        }
        if (terminal) {
            out.print(CLEAR + line(now, properties));
            out.flush();
        } else if (!now.equals(step)) {
            out.println(now);
        }
        step = now;
    }

    private static String line(String step, Map<?, ?> properties) {
        long total = number(properties, "BytesTotal");
        if (total == 0) {
            return step + " …";
        }
        double fraction = ((Number) properties.get("Progress")).doubleValue();
        int full = (int) Math.round(fraction * BAR_WIDTH);
        long seconds = number(properties, "Eta");
        return String.format(Locale.ROOT, "%-8s [%s%s] %3.0f%% of %s, %s/s, %d:%02d left", step, "#".repeat(full),
                "-".repeat(BAR_WIDTH - full),
                fraction * 100, ByteCount.text(total), ByteCount.text(number(properties, "Rate")), seconds / 60, seconds % 60);
    }

    private static long number(Map<?, ?> properties, String name) {
        return properties.get(name) instanceof Number number ? number.longValue() : 0;
    }

    /** Clears the progress line; later calls of {@link #show} have no effect. */
    public synchronized void end() {
        if (terminal && !step.isEmpty() && !ended) {
            out.print(CLEAR);
            out.flush();
        }
        ended = true;
    }
}
