package org.example.piimages.firstboot;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is to be set, or what is set: any number of settings, each a text, a list of texts or true. */
public final class Settings {

    private final Map<Setting, Object> values = new EnumMap<>(Setting.class);

    /** Sets what somebody asks for. Throws {@link FirstBootException} for a value that the setting cannot have. */
    public Settings set(Setting setting, Object value) throws FirstBootException {
        ValueCheck.require(setting, value);
        values.put(setting, value);
        return this;
    }

    /** Notes what an image says, whatever it is; nothing for null, an empty list and false. */
    void found(Setting setting, Object value) {
        if (value != null && !Boolean.FALSE.equals(value) && !List.of().equals(value)) {
            values.put(setting, value);
        }
    }

    /** Which are there. */
    public Set<Setting> settings() {
        return values.keySet();
    }

    /** Whether it is there. */
    public boolean has(Setting setting) {
        return values.containsKey(setting);
    }

    /** Its value as a text, or null. */
    public String text(Setting setting) {
        Object value = values.get(setting);
        return value == null ? null : value.toString();
    }

    /** Its values; empty where it is not there. */
    public List<String> list(Setting setting) {
        return values.get(setting) instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    }

    /** These, and what the other ones have that these have not. */
    Settings over(Settings others) {
        Settings all = new Settings();
        all.values.putAll(others.values);
        all.values.putAll(values);
        return all;
    }

    /** What people may see: a secret is said to be there. In a text or a list, for JSON too. */
    public Object visible(Setting setting) {
        return switch (setting) {
            case PASSWORD -> PasswordHash.kind(text(setting));
            case WIFI_KEY -> text(setting).isEmpty() ? "none, an open network" : "set";
            case SCRIPT -> text(setting).lines().count() + " lines";
            default -> values.get(setting);
        };
    }
}
