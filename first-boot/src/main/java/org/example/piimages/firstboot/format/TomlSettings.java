package org.example.piimages.firstboot.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.TomlFile;

/** Keys that custom.toml and rpi-preseed.toml have in common. */
final class TomlSettings {

    /** A setting with its section and key. */
    private record Name(Setting setting, String section, String key) {
    }

    private static final List<Name> NAMES = List.of(
            new Name(Setting.HOSTNAME, "system", "hostname"),
            new Name(Setting.USER, "user", "name"),
            new Name(Setting.PASSWORD, "user", "password"),
            new Name(Setting.SSH, "ssh", "enabled"),
            new Name(Setting.SSH_KEYS, "ssh", "authorized_keys"),
            new Name(Setting.WIFI_SSID, "wlan", "ssid"),
            new Name(Setting.WIFI_KEY, "wlan", "password"),
            new Name(Setting.WIFI_COUNTRY, "wlan", "country"),
            new Name(Setting.KEYMAP, "locale", "keymap"),
            new Name(Setting.TIMEZONE, "locale", "timezone"));

    private static final String ENCRYPTED = "password_encrypted";
    private static final String PASSWORD_LOGIN = "password_authentication";

    private TomlSettings() {
    }

    static Settings read(TomlFile file) {
        Settings settings = new Settings();
        for (Name name : NAMES) {
            settings.setFromImage(name.setting(), file.get(name.section(), name.key()));
        }
        if (settings.has(Setting.WIFI_SSID) && !settings.has(Setting.WIFI_KEY)) {
            settings.setFromImage(Setting.WIFI_KEY, "");
        }
        settings.setFromImage(Setting.NO_PASSWORD_LOGIN, Boolean.FALSE.equals(file.get("ssh", PASSWORD_LOGIN)));
        return settings;
    }

    static void write(TomlFile file, Settings requested, Settings all) {
        for (Name name : NAMES) {
            if (requested.has(name.setting())) {
                file.set(name.section(), name.key(), value(requested, name.setting()));
            }
        }
        if (requested.has(Setting.PASSWORD)) {
            file.set("user", ENCRYPTED, true);
        }
        if (requested.has(Setting.WIFI_KEY)) {
            file.set("wlan", ENCRYPTED, requested.text(Setting.WIFI_KEY).isEmpty() ? null : Boolean.TRUE);
        }
        Boolean passwordLogin = requested.passwordLogin(all);
        // If the key is absent, the readers forbid passwords, which without an SSH key would make login impossible.
        boolean noLogin = requested.has(Setting.SSH) && !all.has(Setting.SSH_KEYS) && !all.has(Setting.NO_PASSWORD_LOGIN);
        if (passwordLogin != null || noLogin) {
            file.set("ssh", PASSWORD_LOGIN, passwordLogin == null || passwordLogin);
        }
    }

    private static Object value(Settings requested, Setting setting) {
        return switch (setting) {
            case SSH_KEYS -> new ArrayList<>(requested.list(setting));
            case SSH -> true;
            case WIFI_KEY -> requested.text(setting).isEmpty() ? null : requested.text(setting);
            default -> requested.text(setting);
        };
    }

    /** Returns a table, empty if it does not exist. */
    static Map<?, ?> table(TomlFile file, String section) {
        return file.values().get(section) instanceof Map<?, ?> table ? table : Map.of();
    }
}
