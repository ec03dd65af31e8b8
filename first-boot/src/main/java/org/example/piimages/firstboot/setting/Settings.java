package org.example.piimages.firstboot.setting;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;

/** A set of settings, each with a text, a list of texts or true as its value. */
public final class Settings {

    private final Map<Setting, Object> values = new EnumMap<>(Setting.class);

    /**
     * Sets a requested value.
     *
     * @throws FirstBootException if the value is not valid for the setting
     */
    public Settings set(Setting setting, Object value) throws FirstBootException {
        ValueCheck.require(setting, value);
        values.put(setting, value);
        return this;
    }

    /** Records a value found in an image: a text, a number, true, or a list of these; anything else is ignored. */
    public void setFromImage(Setting setting, Object value) {
        boolean isPlain = isPlain(value) || value instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(Settings::isPlain);
        if (isPlain && !Boolean.FALSE.equals(value)) {
            values.put(setting, value);
        }
    }

    private static boolean isPlain(Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean;
    }

    /** Returns the settings that are present. */
    public Set<Setting> settings() {
        return values.keySet();
    }

    /** Returns whether a setting is present. */
    public boolean has(Setting setting) {
        return values.containsKey(setting);
    }

    /** Returns the value as a text, or null if absent. */
    public String text(Setting setting) {
        Object value = values.get(setting);
        return value == null ? null : value.toString();
    }

    /** Returns the values of a list; empty if absent. */
    public List<String> list(Setting setting) {
        return values.get(setting) instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    }

    /**
     * Returns whether passwords are to be allowed over SSH: true, false, or null to keep the existing value. The result does not depend
     * on the order in which the settings were made. An existing key keeps the previous choice; without a key, forbidding passwords would
     * make login impossible.
     *
     * @param all these settings, and those already in the image
     */
    public Boolean passwordLogin(Settings all) {
        if (has(Setting.NO_PASSWORD_LOGIN)) {
            return false;
        }
        boolean concernsLogin = has(Setting.SSH) || has(Setting.SSH_KEYS) || has(Setting.USER) || has(Setting.PASSWORD);
        boolean keyAlone = all.has(Setting.SSH_KEYS) && all.has(Setting.NO_PASSWORD_LOGIN);
        return concernsLogin && all.has(Setting.SSH) && all.has(Setting.PASSWORD) && !keyAlone ? Boolean.TRUE : null;
    }

    /** Returns these settings, completed by those of {@code others} that are absent here. */
    public Settings withFallback(Settings others) {
        Settings all = new Settings();
        all.values.putAll(others.values);
        all.values.putAll(values);
        return all;
    }

    /** Returns the value to show to users: of a secret, only whether it is set. A text or a list, also suitable for JSON. */
    public Object displayValue(Setting setting) {
        return switch (setting) {
            case PASSWORD -> PasswordHash.kind(text(setting));
            case WIFI_KEY -> text(setting).isEmpty() ? "none, an open network" : "set";
            case SCRIPT -> text(setting).lines().count() + " lines";
            default -> values.get(setting);
        };
    }
}
