package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The settings in config.txt, of which only the location of the kernel command line matters here (config.txt documentation, "cmdline" and
 * "os_prefix"). Ubuntu keeps several sets of boot files, each in a directory; older releases name the file nobtcmd.txt.
 *
 * @param prefix the prefix of the names of the kernel's files, for example a directory with a trailing slash; the empty string if not set
 * @param commandLine the name of the file
 */
public record FirmwareConfiguration(String prefix, String commandLine) {

    /** The most that is read of the file, in bytes; typical files have about two thousand. */
    public static final int BYTE_LIMIT = 32 * 1024;

    private static final String DEFAULT_COMMAND_LINE = "cmdline.txt";

    /** The settings of an image without the file. */
    public static final FirmwareConfiguration NONE = new FirmwareConfiguration("", DEFAULT_COMMAND_LINE);

    /**
     * Parses the file; accepts any bytes. Lines before the first section and in [all] count, as in autoboot.txt; the last setting counts.
     */
    public static FirmwareConfiguration parse(byte[] content) {
        boolean counts = true;
        String prefix = "";
        String commandLine = DEFAULT_COMMAND_LINE;
        for (String raw : new String(content, StandardCharsets.UTF_8).split("\\R")) {
            String line = raw.strip();
            if (line.startsWith("[") && line.endsWith("]")) {
                counts = line.toLowerCase(Locale.ROOT).equals("[all]");
            } else if (counts && line.startsWith("os_prefix=")) {
                prefix = value(line);
            } else if (counts && line.startsWith("cmdline=")) {
                commandLine = value(line);
            }
        }
        return new FirmwareConfiguration(prefix, commandLine);
    }

    private static String value(String line) {
        return line.substring(line.indexOf('=') + 1).strip().toLowerCase(Locale.ROOT);
    }

    /** Returns the possible names of the command line file, in lower case: the firmware ignores a prefix if its files do not exist. */
    List<String> places() {
        return List.of(prefix + commandLine, commandLine);
    }
}
