package org.example.piimages.firstboot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What cloud-init's user-data says of the settings. */
final class UserData {

    private static final String SCRIPT = "/usr/local/sbin/piimages-first-boot";
    /** As Raspberry Pi Imager has it; cloud-init makes those that are missing. */
    private static final String GROUPS = "users,adm,dialout,audio,netdev,video,plugdev,cdrom,games,input,gpio,spi,i2c,render,sudo";
    private static final List<Object> START_SSH = CloudInit.list("systemctl", "enable", "--now", "ssh");
    private static final List<Object> RUN_SCRIPT = CloudInit.list(SCRIPT);
    private static final List<String> OURS = List.of("hostname", "manage_etc_hosts", "timezone", "locale", "keyboard", "users", "user",
            "enable_ssh", "ssh_pwauth", "rpi");

    private final YamlFile file;
    /** Raspberry Pi OS's cloud-init has keys of its own. */
    private final boolean ubuntu;

    UserData(YamlFile file, boolean ubuntu) {
        this.file = file;
        this.ubuntu = ubuntu;
    }

    void read(Settings settings) {
        settings.found(Setting.HOSTNAME, file.get("hostname"));
        settings.found(Setting.TIMEZONE, file.get("timezone"));
        settings.found(Setting.LOCALE, file.get("locale"));
        settings.found(Setting.KEYMAP, YamlFile.in(file.get("keyboard"), "layout"));
        Map<String, Object> user = user();
        settings.found(Setting.USER, user.get("name"));
        settings.found(Setting.PASSWORD, user.get("passwd"));
        settings.found(Setting.SSH_KEYS, user.get("ssh_authorized_keys"));
        settings.found(Setting.SSH, Boolean.TRUE.equals(file.get("enable_ssh")) || commands().contains(START_SSH));
        settings.found(Setting.NO_PASSWORD_LOGIN, Boolean.FALSE.equals(file.get("ssh_pwauth")));
        List<String> interfaces = new ArrayList<>();
        YamlFile.mapping(YamlFile.in(file.get("rpi"), "interfaces")).forEach((name, value) -> {
            if (!Boolean.FALSE.equals(value)) {
                interfaces.add(name);
            }
        });
        settings.found(Setting.INTERFACES, interfaces);
        for (Object written : YamlFile.sequence(file.get("write_files"))) {
            if (SCRIPT.equals(YamlFile.in(written, "path"))) {
                settings.found(Setting.SCRIPT, YamlFile.in(written, "content"));
            }
        }
    }

    /** The first user that is described; empty where there is none. */
    private Map<String, Object> user() {
        for (Object entry : YamlFile.sequence(file.get("users"))) {
            if (entry instanceof Map<?, ?> user) {
                return YamlFile.mapping(user);
            }
        }
        return YamlFile.mapping(file.get("user"));
    }

    private List<Object> commands() {
        return YamlFile.sequence(file.get("runcmd"));
    }

    void write(Settings asked, Settings all) throws FirstBootException {
        if (asked.has(Setting.HOSTNAME)) {
            file.set("hostname", asked.text(Setting.HOSTNAME));
            file.set("manage_etc_hosts", true);
        }
        if (asked.has(Setting.TIMEZONE)) {
            file.set("timezone", asked.text(Setting.TIMEZONE));
        }
        if (asked.has(Setting.LOCALE)) {
            file.set("locale", asked.text(Setting.LOCALE));
        }
        if (asked.has(Setting.KEYMAP)) {
            Map<String, Object> keyboard = YamlFile.mapping(file.get("keyboard"));
            keyboard.putIfAbsent("model", "pc105");
            keyboard.put("layout", asked.text(Setting.KEYMAP));
            file.set("keyboard", keyboard);
        }
        if (asked.has(Setting.USER) || asked.has(Setting.PASSWORD) || asked.has(Setting.SSH_KEYS)) {
            writeUser(asked, all);
        }
        writeAccess(asked);
        writeInterfaces(asked);
        writeScript(asked);
    }

    private void writeUser(Settings asked, Settings all) throws FirstBootException {
        if (!all.has(Setting.USER)) {
            throw FirstBootException.request("an SSH key is somebody's; name the user: --user NAME");
        }
        Map<String, Object> user = user();
        user.put("name", all.text(Setting.USER));
        user.putIfAbsent("groups", GROUPS);
        user.putIfAbsent("shell", "/bin/bash");
        if (asked.has(Setting.PASSWORD)) {
            user.put("lock_passwd", false);
            user.put("passwd", asked.text(Setting.PASSWORD));
        }
        if (asked.has(Setting.SSH_KEYS)) {
            user.put("ssh_authorized_keys", new ArrayList<>(asked.list(Setting.SSH_KEYS)));
        }
        if (!user.containsKey("passwd")) {
            // Nobody could type what sudo asks for.
            user.putIfAbsent("sudo", "ALL=(ALL) NOPASSWD:ALL");
        }
        if (file.get("users") == null && file.get("user") instanceof Map<?, ?>) {
            file.set("user", user);
            return;
        }
        List<Object> users = YamlFile.sequence(file.get("users"));
        int place = 0;
        while (place < users.size() && !(users.get(place) instanceof Map<?, ?>)) {
            place++;
        }
        if (place < users.size()) {
            users.set(place, user);
        } else {
            users.add(user);
        }
        file.set("users", users);
    }

    private void writeAccess(Settings asked) {
        if (asked.has(Setting.SSH) && ubuntu) {
            run(START_SSH);
        } else if (asked.has(Setting.SSH)) {
            file.set("enable_ssh", true);
        }
        if (asked.has(Setting.NO_PASSWORD_LOGIN)) {
            file.set("ssh_pwauth", false);
        } else if (asked.has(Setting.SSH) && asked.has(Setting.PASSWORD)) {
            file.set("ssh_pwauth", true);
        }
    }

    private void run(List<Object> command) {
        List<Object> commands = commands();
        if (!commands.contains(command)) {
            commands.add(command);
            file.set("runcmd", commands);
        }
    }

    private void writeInterfaces(Settings asked) {
        if (!asked.has(Setting.INTERFACES)) {
            return;
        }
        Map<String, Object> rpi = YamlFile.mapping(file.get("rpi"));
        Map<String, Object> interfaces = YamlFile.mapping(rpi.get("interfaces"));
        asked.list(Setting.INTERFACES).forEach(name -> interfaces.putIfAbsent(name, true));
        asked.list(Setting.INTERFACES).forEach(name -> interfaces.replace(name, false, true));
        rpi.put("interfaces", interfaces);
        file.set("rpi", rpi);
    }

    private void writeScript(Settings asked) {
        if (asked.has(Setting.SCRIPT)) {
            List<Object> files = withoutScript();
            files.add(CloudInit.mapping("path", SCRIPT, "permissions", "0755", "content", asked.text(Setting.SCRIPT)));
            file.set("write_files", files);
            run(RUN_SCRIPT);
        }
    }

    private List<Object> withoutScript() {
        List<Object> files = YamlFile.sequence(file.get("write_files"));
        files.removeIf(written -> SCRIPT.equals(YamlFile.in(written, "path")));
        return files;
    }

    /** Takes out what this class writes, and leaves the rest. */
    void reset() {
        OURS.forEach(key -> file.set(key, null));
        file.set("write_files", withoutScript());
        List<Object> commands = commands();
        commands.removeIf(command -> command.equals(RUN_SCRIPT) || command.equals(START_SSH));
        file.set("runcmd", commands);
    }
}
