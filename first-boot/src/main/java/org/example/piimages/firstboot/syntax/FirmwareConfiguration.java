package org.example.piimages.firstboot.syntax;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.example.piimages.firstboot.failure.FirstBootException;

/**
 * config.txt, of which only the location of the kernel command line matters here (config.txt documentation, "cmdline" and "os_prefix").
 * Ubuntu keeps it in a directory since 25.10: current/cmdline.txt.
 */
public final class FirmwareConfiguration {

    public static final String FILE = "config.txt";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._/-]{1,255}");

    private String prefix = "";
    private String name = KernelCommandLine.FILE;

    private FirmwareConfiguration() {
    }

    /** Parses the file. Lines before the first section and in [all] count; the last setting counts. */
    public static FirmwareConfiguration parse(String text) {
        FirmwareConfiguration found = new FirmwareConfiguration();
        boolean counts = true;
        for (String raw : text.split("\\R")) {
            String line = raw.strip();
            if (line.startsWith("[") && line.endsWith("]")) {
                counts = line.toLowerCase(Locale.ROOT).equals("[all]");
            } else if (counts && line.startsWith("os_prefix=")) {
                found.prefix = value(line);
            } else if (counts && line.startsWith("cmdline=")) {
                found.name = value(line);
            }
        }
        return found;
    }

    private static String value(String line) {
        return line.substring(line.indexOf('=') + 1).strip();
    }

    /**
     * Returns the possible names of the command line file: the firmware ignores a prefix if its files do not exist.
     *
     * @throws FirstBootException if a name may lead out of the boot partition
     */
    public List<String> places() throws FirstBootException {
        List<String> places = List.of(prefix + name, name);
        for (String place : places) {
            if (!NAME.matcher(place).matches() || place.startsWith("/") || Arrays.asList(place.split("/")).contains("..")) {
                throw FirstBootException.image("cannot determine the kernel command line: the name that os_prefix= and cmdline= in "
                        + FILE + " select is not that of a file on the boot partition; correct it first");
            }
        }
        return places;
    }
}
