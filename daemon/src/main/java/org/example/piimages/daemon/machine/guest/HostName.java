package org.example.piimages.daemon.machine.guest;

import java.util.regex.Pattern;

/** The host name in a machine: the image's own, which its hosts(5) contains, and which ends up in keys and mail addresses. */
public final class HostName {

    /** What systemd-nspawn accepts as a host name (not as a machine's name): labels of letters, digits and hyphens, none of them empty. */
    private static final Pattern VALID =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*");
    /** HOST_NAME_MAX of Linux. */
    private static final int LIMIT = 64;

    private HostName() {
    }

    /** Returns the name that a hostname(5) sets: its first line that is not a comment. Empty if it sets no valid name. */
    public static String parse(String hostname) {
        return hostname.lines().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#")).findFirst()
                .filter(name -> name.length() <= LIMIT && VALID.matcher(name).matches()).orElse("");
    }
}
