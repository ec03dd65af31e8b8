package org.example.piimages.firstboot.cloudinit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.YamlFile;

/** The users in cloud-init's user-data, one of which the settings apply to, and the passwords that it sets separately. */
final class CloudUsers {

    /** The same groups as in Raspberry Pi Imager; cloud-init creates missing ones. */
    private static final String GROUPS = "users,adm,dialout,audio,netdev,video,plugdev,cdrom,games,input,gpio,spi,i2c,render,sudo";
    private static final String USERS = "users";
    private static final String USER = "user";
    private static final String NAME = "name";
    private static final String HASH = "passwd";
    /** The key that sets passwords after the users have been created, overriding theirs. */
    private static final String CHANGES = "chpasswd";
    private static final String LIST = "list";
    /** The key for the default user's password. */
    private static final String PASSWORD = "password";

    private final ImageFiles image;
    private final YamlFile file;
    private final UserDataNote note;

    CloudUsers(ImageFiles image, YamlFile file, UserDataNote note) {
        this.image = image;
        this.file = file;
        this.note = note;
    }

    private static String name(Object entry) {
        return YamlFile.find(entry, NAME) instanceof String name ? name : "";
    }

    private List<Object> users() {
        return YamlFile.sequence(file.get(USERS));
    }

    private static int place(List<Object> users, String name) {
        for (int i = 0; i < users.size(); i++) {
            if (name != null && name(users.get(i)).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Returns the user that the settings apply to: the one that configure created, or the first that is not a system user; empty if there
     * is none.
     */
    Map<String, Object> user() {
        List<Object> users = users();
        int place = place(users, note.user());
        for (int i = 0; i < users.size() && place < 0; i++) {
            place = !name(users.get(i)).isEmpty() && !Boolean.TRUE.equals(YamlFile.find(users.get(i), "system")) ? i : -1;
        }
        return YamlFile.mapping(place >= 0 ? users.get(place) : file.get(USER));
    }

    /**
     * Writes the user and removes entries that would set another password for that user.
     *
     * @throws FirstBootException if no user name is set, or if "users" is not a list
     */
    void write(Settings requested, Settings all) throws FirstBootException {
        String name = all.text(Setting.USER);
        if (name == null) {
            throw FirstBootException.request("an SSH key requires a user; specify one: --user NAME");
        }
        if (file.get(USERS) != null && !(file.get(USERS) instanceof List<?>)) {
            throw FirstBootException
                    .image("cannot add a user to " + image.inBoot("user-data") + ": the value of users is not a list; make it one, or"
                            + " replace the file with --user-data FILE");
        }
        List<Object> users = users();
        boolean isKnown = place(users, name) >= 0 || name(file.get(USER)).equals(name);
        if (file.get(USERS) == null && file.get(USER) instanceof Map<?, ?>) {
            note.saveOriginal(file, USER);
            file.set(USER, described(YamlFile.mapping(file.get(USER)), requested, name));
        } else {
            int place = place(users, name) >= 0 ? place(users, name) : place(users, note.user());
            if (place < 0) {
                users.add(described(YamlFile.mapping(null), requested, name));
            } else {
                users.set(place, described(YamlFile.mapping(users.get(place)), requested, name));
            }
            file.set(USERS, users);
        }
        note.setUser(name);
        withdrawPasswords(name, requested.has(Setting.PASSWORD) || !isKnown);
    }

    private static Map<String, Object> described(Map<String, Object> user, Settings requested, String name) {
        user.put(NAME, name);
        user.putIfAbsent("groups", GROUPS);
        user.putIfAbsent("shell", "/bin/bash");
        if (requested.has(Setting.PASSWORD)) {
            user.put("lock_passwd", false);
            user.put(HASH, requested.text(Setting.PASSWORD));
        }
        if (requested.has(Setting.SSH_KEYS)) {
            user.put("ssh_authorized_keys", new ArrayList<>(requested.list(Setting.SSH_KEYS)));
        }
        if (!user.containsKey(HASH)) {
            // Without a password, the user could not answer the prompt of sudo.
            user.putIfAbsent("sudo", "ALL=(ALL) NOPASSWD:ALL");
        }
        return user;
    }

    /**
     * Removes passwords for users that nothing creates, because setting those fails, and, if {@code own} is true, those for the user: an
     * entry in the file would override the requested password, and make it expire.
     */
    private void withdrawPasswords(String name, boolean own) throws FirstBootException {
        boolean hasDefault = users().contains("default") || file.get(USER) instanceof String;
        if (own && !hasDefault && file.get(PASSWORD) != null) {
            note.saveOriginal(file, PASSWORD);
            file.set(PASSWORD, null);
        }
        Map<String, Object> changes = YamlFile.mapping(file.get(CHANGES));
        Object listed = changes.get(LIST);
        List<Object> lines = listed instanceof String text ? new ArrayList<>(text.lines().toList()) : YamlFile.sequence(listed);
        List<Object> entries = YamlFile.sequence(changes.get(USERS));
        List<Object> withdrawn = new ArrayList<>();
        for (Object entry : concatenated(lines, entries)) {
            String userName = entry instanceof String line ? line.strip().replaceAll(":.*", "") : name(entry);
            if (userName.equals(name) ? own : !hasDefault && isNobody(userName)) {
                withdrawn.add(entry);
            }
        }
        if (!withdrawn.isEmpty()) {
            lines.removeAll(withdrawn);
            entries.removeAll(withdrawn);
            note.saveOriginal(file, CHANGES);
            put(changes, LIST, listed instanceof String ? lines.stream().map(line -> line + "\n").collect(Collectors.joining()) : lines,
                    lines.isEmpty());
            put(changes, USERS, entries, entries.isEmpty());
            file.set(CHANGES, lines.isEmpty() && entries.isEmpty() ? null : changes);
        }
    }

    private static List<Object> concatenated(List<Object> first, List<Object> second) {
        List<Object> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    private static void put(Map<String, Object> mapping, String key, Object value, boolean isEmpty) {
        if (isEmpty) {
            mapping.remove(key);
        } else if (mapping.containsKey(key)) {
            mapping.put(key, value);
        }
    }

    private boolean isNobody(String name) throws FirstBootException {
        return place(users(), name) < 0 && !name(file.get(USER)).equals(name) && image.userId(name) < 0;
    }

    /** Removes the user that the settings apply to, and keeps all others. */
    void reset() {
        List<Object> users = users();
        int place = place(users, note.user());
        boolean isAlone = users.stream().filter(Map.class::isInstance).count() == 1;
        if (place >= 0) {
            users.remove(place);
        } else if (note.user() == null && isAlone) {
            users.removeIf(Map.class::isInstance);
        }
        if (file.get(USERS) instanceof List<?>) {
            file.set(USERS, users);
        }
        if (file.get(USER) instanceof Map<?, ?>) {
            file.set(USER, null);
        }
    }
}
