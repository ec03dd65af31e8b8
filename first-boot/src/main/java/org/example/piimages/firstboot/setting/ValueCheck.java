package org.example.piimages.firstboot.setting;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.example.piimages.firstboot.failure.FirstBootException;

/** Validates the values of settings. They end up in scripts that run as root: only values known to be harmless are accepted. */
final class ValueCheck {

    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final Pattern HOSTNAME = Pattern.compile(LABEL);
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");
    private static final Pattern TIMEZONE = Pattern.compile("[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}");
    private static final Pattern LOCALE = Pattern.compile("(C|POSIX|[a-z]{2,3}_[A-Z]{2})(\\.[A-Za-z0-9-]+)?(@[a-z]+)?");
    private static final Pattern KEYMAP = Pattern.compile("[a-z][a-z0-9_-]{1,30}");
    private static final Pattern SSH_KEY = Pattern.compile(
            "(ssh-(rsa|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com) "
                    + "[A-Za-z0-9+/]{16,}={0,2}( [^\\p{Cntrl}]*)?");
    /** A line of authorized_keys; sshd(8). */
    private static final Pattern KEY_WITH_OPTIONS = Pattern.compile("\\S.*[ \t]" + SSH_KEY.pattern());
    private static final Pattern INTERFACE = Pattern.compile("i2c|spi|onewire|serial");
    private static final Pattern PSK = Pattern.compile("([0-9a-f]{64})?");
    private static final int SSID_LIMIT = 32;

    private ValueCheck() {
    }

    static void require(Setting setting, Object value) throws FirstBootException {
        switch (setting) {
            case HOSTNAME -> match(HOSTNAME, setting, value, "is not a valid host name: letters, digits and hyphens, at most 63");
            case USER -> match(USER, setting, value, "is not a valid user name: lower-case letters, digits, _ and -, at most 32");
            case PASSWORD -> PasswordHash.require(value.toString());
            case SSH_KEYS -> sshKeys((List<?>) value);
            case WIFI_SSID -> ssid(value.toString());
            case WIFI_KEY -> match(PSK, setting, value, "is not a key of 64 hexadecimal digits");
            case WIFI_COUNTRY -> match(COUNTRY, setting, value, "is not a country code: two capital letters, such as GB");
            case LOCALE -> match(LOCALE, setting, value, "is not a locale, such as en_GB.UTF-8");
            case TIMEZONE -> match(TIMEZONE, setting, value, "is not a time zone, such as Europe/Berlin");
            case KEYMAP -> match(KEYMAP, setting, value, "is not a keyboard layout, such as gb");
            case INTERFACES -> each(INTERFACE, setting, value, "is not one of i2c, spi, onewire, serial");
            case SCRIPT -> script(value.toString());
            default -> {
                // True, or a file of cloud-init, which is checked when it is written.
            }
        }
    }

    private static void match(Pattern pattern, Setting setting, Object value, String complaint) throws FirstBootException {
        if (!pattern.matcher(value.toString()).matches()) {
            throw FirstBootException.request("--" + setting.option() + ": '" + value + "' " + complaint);
        }
    }

    private static void each(Pattern pattern, Setting setting, Object values, String complaint) throws FirstBootException {
        for (Object value : (List<?>) values) {
            match(pattern, setting, value, complaint);
        }
    }

    private static void sshKeys(List<?> keys) throws FirstBootException {
        for (Object key : keys) {
            boolean hasOptions = KEY_WITH_OPTIONS.matcher(key.toString()).matches();
            match(SSH_KEY, Setting.SSH_KEYS, key, hasOptions ? "has options before the key, which are not supported; remove them"
                    : "is not a public SSH key; specify a file such as ~/.ssh/id_ed25519.pub");
        }
    }

    private static void ssid(String ssid) throws FirstBootException {
        int length = ssid.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > SSID_LIMIT || hasControlCharacters(ssid)) {
            throw FirstBootException
                    .request("--wifi-ssid: '" + ssid + "' is not a valid network name: 1 to 32 bytes, no control characters");
        }
    }

    private static void script(String text) throws FirstBootException {
        if (!text.startsWith("#!")) {
            throw FirstBootException.request("--run-at-first-boot: the script does not begin with #!, so it could not be executed;"
                    + " add a first line, such as #!/bin/sh");
        }
    }

    static boolean hasControlCharacters(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
