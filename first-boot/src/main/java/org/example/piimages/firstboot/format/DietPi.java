package org.example.piimages.firstboot.format;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.Assignments;

/** dietpi.txt and dietpi-wifi.txt, which DietPi reads at its first boot. */
public final class DietPi implements Format {

    private static final String FILE = "dietpi.txt";
    private static final String WIFI_FILE = "dietpi-wifi.txt";
    private static final String SCRIPT_FILE = "Automation_Custom_Script.sh";
    private static final String STAGE = "dietpi/.install_stage";
    private static final String NOT_BOOTED = "-1";
    private static final String KEYS = "AUTO_SETUP_SSH_PUBKEY";
    private static final String NO_PASSWORD_LOGIN = "SOFTWARE_DISABLE_SSH_PASSWORD_LOGINS";
    private static final String WIFI_ON = "AUTO_SETUP_NET_WIFI_ENABLED";
    private static final String SCRIPT = "AUTO_SETUP_CUSTOM_SCRIPT_EXEC";
    private static final String SSH = "AUTO_SETUP_SSH_SERVER_INDEX";
    private static final String SSID = "aWIFI_SSID[0]";
    private static final String WIFI_KEY = "aWIFI_KEY[0]";
    private static final String WIFI_KEY_TYPE = "aWIFI_KEYMGR[0]";

    /** A setting with a single value: its key and the value as shipped by DietPi. */
    private record Name(String key, String defaultValue) {
    }

    private static final Map<Setting, Name> NAMES = new EnumMap<>(Map.of(
            Setting.HOSTNAME, new Name("AUTO_SETUP_NET_HOSTNAME", "DietPi"),
            Setting.LOCALE, new Name("AUTO_SETUP_LOCALE", "C.UTF-8"),
            Setting.TIMEZONE, new Name("AUTO_SETUP_TIMEZONE", "Europe/London"),
            Setting.KEYMAP, new Name("AUTO_SETUP_KEYBOARD_LAYOUT", "gb"),
            Setting.WIFI_COUNTRY, new Name("AUTO_SETUP_NET_WIFI_COUNTRY_CODE", "GB")));

    @Override
    public String title() {
        return FILE;
    }

    @Override
    public String evidence(ImageFiles image) throws FirstBootException {
        return image.has(image.inBoot(FILE)) ? image.inBoot(FILE) : null;
    }

    @Override
    public String firstBootMarker(ImageFiles image) throws FirstBootException {
        for (String file : List.of(image.inBoot(STAGE), "boot/" + STAGE)) {
            String stage = image.text(file).strip();
            if (!stage.isEmpty() && !stage.equals(NOT_BOOTED)) {
                return file;
            }
        }
        return null;
    }

    @Override
    public Set<Setting> supportedSettings(ImageFiles image) {
        // DietPi's users are root and dietpi, and it accepts passwords only in plain text, which is never written.
        return EnumSet.complementOf(EnumSet.of(Setting.USER, Setting.PASSWORD, Setting.INTERFACES, Setting.USER_DATA,
                Setting.NETWORK_CONFIG));
    }

    @Override
    public Settings read(ImageFiles image) throws FirstBootException {
        Assignments file = new Assignments(image.bootContent(FILE));
        Settings settings = new Settings();
        NAMES.forEach((setting, name) -> settings.setFromImage(setting, file.value(name.key())));
        settings.setFromImage(Setting.SSH_KEYS, file.values(KEYS).stream().filter(key -> !key.isEmpty()).toList());
        String server = file.value(SSH);
        settings.setFromImage(Setting.SSH, server != null && !server.equals("0"));
        settings.setFromImage(Setting.NO_PASSWORD_LOGIN, "1".equals(file.value(NO_PASSWORD_LOGIN)));
        if ("0".equals(file.value(SCRIPT))) {
            settings.setFromImage(Setting.SCRIPT, image.bootText(SCRIPT_FILE));
        }
        Assignments wifi = new Assignments(image.bootContent(WIFI_FILE));
        if ("1".equals(file.value(WIFI_ON)) && wifi.value(SSID) != null) {
            settings.setFromImage(Setting.WIFI_SSID, unquoted(wifi.value(SSID)));
            settings.setFromImage(Setting.WIFI_KEY, wifi.value(WIFI_KEY) == null ? "" : unquoted(wifi.value(WIFI_KEY)));
        }
        return settings;
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }

    private static String unquoted(String word) {
        return word.length() < 2 || !word.startsWith("'") ? word : word.substring(1, word.length() - 1).replace("'\\''", "'");
    }

    @Override
    public void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        Assignments file = new Assignments(image.bootContent(FILE));
        NAMES.forEach((setting, name) -> {
            if (requested.has(setting)) {
                file.set(name.key(), requested.text(setting));
            }
        });
        if (requested.has(Setting.SSH_KEYS)) {
            file.set(KEYS, requested.list(Setting.SSH_KEYS));
        }
        if (requested.has(Setting.SSH) && (file.value(SSH) == null || "0".equals(file.value(SSH)))) {
            // Dropbear, the default.
            file.set(SSH, "-1");
        }
        if (requested.has(Setting.NO_PASSWORD_LOGIN)) {
            file.set(NO_PASSWORD_LOGIN, "1");
        }
        if (requested.has(Setting.WIFI_KEY)) {
            file.set(WIFI_ON, "1");
            edits.put(image.inBoot(WIFI_FILE), wifi(image, requested.text(Setting.WIFI_SSID), requested.text(Setting.WIFI_KEY)));
        }
        if (requested.has(Setting.SCRIPT)) {
            file.set(SCRIPT, "0");
            edits.put(image.inBoot(SCRIPT_FILE), requested.text(Setting.SCRIPT));
        }
        edits.put(image.inBoot(FILE), file.content());
    }

    private static byte[] wifi(ImageFiles image, String ssid, String key) throws FirstBootException {
        Assignments wifi = new Assignments(image.bootContent(WIFI_FILE));
        wifi.set(SSID, quoted(ssid));
        wifi.set(WIFI_KEY, quoted(key));
        wifi.set(WIFI_KEY_TYPE, quoted(key.isEmpty() ? "NONE" : "WPA-PSK"));
        return wifi.content();
    }

    @Override
    public void reset(ImageFiles image, Edits edits) throws FirstBootException {
        Assignments file = new Assignments(image.bootContent(FILE));
        NAMES.values().forEach(name -> file.set(name.key(), name.defaultValue()));
        file.set(KEYS, List.of());
        file.set(SSH, "-1");
        file.set(NO_PASSWORD_LOGIN, "0");
        file.set(WIFI_ON, "0");
        edits.put(image.inBoot(FILE), file.content());
        if (image.bootContent(WIFI_FILE) != null) {
            edits.put(image.inBoot(WIFI_FILE), wifi(image, "", ""));
        }
        edits.delete(image.inBoot(SCRIPT_FILE));
    }
}
