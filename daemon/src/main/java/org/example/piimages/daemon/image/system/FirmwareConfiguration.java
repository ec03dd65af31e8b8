package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * What config.txt tells the firmware, of which only the place of the kernel's command line matters here (config.txt documentation,
 * "cmdline" and "os_prefix"). Ubuntu keeps several sets of boot files, each in a folder; older ones name the file nobtcmd.txt.
 *
 * @param prefix what comes before the names of the kernel's files, a folder with its slash for example; empty where the file does not say
 * @param commandLine the file's name
 */
public record FirmwareConfiguration(String prefix, String commandLine) {

    /** How much of it is read, in bytes; a real one has two thousand. */
    public static final int BYTE_LIMIT = 32 * 1024;

    private static final String CUSTOMARY = "cmdline.txt";

    /** What an image without the file has. */
    public static final FirmwareConfiguration NONE = new FirmwareConfiguration("", CUSTOMARY);

    /** Reads it, whatever its bytes are: lines before any section and in [all], as in autoboot.txt; the last one counts. */
    public static FirmwareConfiguration parse(byte[] content) {
        boolean counts = true;
        String prefix = "";
        String commandLine = CUSTOMARY;
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

    /** Where to look for the command line, in lower case: the firmware passes over a prefix where its files are not. */
    List<String> places() {
        return List.of(prefix + commandLine, commandLine);
    }
}
