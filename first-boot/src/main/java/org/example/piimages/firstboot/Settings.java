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

    /** Notes what an image says: a text, a number, true, or a list of these; nothing for all else. */
    void found(Setting setting, Object value) {
        boolean isPlain = isPlain(value) || value instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(Settings::isPlain);
        if (isPlain && !Boolean.FALSE.equals(value)) {
            values.put(setting, value);
        }
    }

    private static boolean isPlain(Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean;
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

    /**
     * What to say of passwords over SSH, whichever call sets what it follows from: true, false, or null to leave what is there. A key that
     * is there leaves what was said before; without one, nobody would get in if passwords were forbidden.
     *
     * @param all these, and what is set already
     */
    Boolean passwordLogin(Settings all) {
        if (has(Setting.NO_PASSWORD_LOGIN)) {
            return false;
        }
        boolean concerned = has(Setting.SSH) || has(Setting.SSH_KEYS) || has(Setting.USER) || has(Setting.PASSWORD);
        boolean keyAlone = all.has(Setting.SSH_KEYS) && all.has(Setting.NO_PASSWORD_LOGIN);
        return concerned && all.has(Setting.SSH) && all.has(Setting.PASSWORD) && !keyAlone ? Boolean.TRUE : null;
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
