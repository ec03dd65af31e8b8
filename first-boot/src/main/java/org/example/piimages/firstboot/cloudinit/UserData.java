package org.example.piimages.firstboot.cloudinit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.YamlFile;

/** The settings in cloud-init's user-data. */
final class UserData {

    static final String FILE = "user-data";
    private static final String SCRIPT = "/usr/local/sbin/piimages-first-boot";
    private static final List<Object> START_SSH = CloudInit.list("systemctl", "enable", "--now", "ssh");
    private static final List<Object> RUN_SCRIPT = CloudInit.list(SCRIPT);
    private static final String PASSWORD_LOGIN = "ssh_pwauth";
    /** Top-level keys that are settings as a whole. */
    private static final List<String> OURS = List.of("hostname", "manage_etc_hosts", "timezone", "locale", "keyboard", "enable_ssh");
    private static final List<String> INTERFACES = List.of("i2c", "spi", "onewire", "serial");
    private static final String HEADER = "#cloud-config";

    private final YamlFile file;
    private final UserDataNote note;
    private final CloudUsers users;
    /** Raspberry Pi OS's cloud-init has additional keys. */
    private final boolean ubuntu;

    /**
     * Parses the file's text, or null for a new file.
     *
     * @throws FirstBootException if the file is not user-data with settings
     */
    UserData(ImageFiles image, String text) throws FirstBootException {
        String name = image.inBoot(FILE);
        String rest = UserDataNote.withoutNote(text);
        if (rest != null && !rest.isBlank() && !rest.startsWith(HEADER)) {
            throw FirstBootException.image("cannot use " + name + ": its first line is not " + HEADER
                    + "; replace it with --user-data FILE");
        }
        this.file = YamlFile.parse(name, rest);
        this.note = new UserDataNote(name, text);
        this.users = new CloudUsers(image, file, note);
        this.ubuntu = image.isUbuntu();
    }

    /** Returns whether a text has the first line that cloud-init requires to recognize it. */
    static boolean isUserData(String text) {
        return text.startsWith(HEADER);
    }

    String text() throws FirstBootException {
        String text = file.text();
        return (isUserData(text) ? "" : HEADER + "\n") + text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + note.text();
    }

    void read(Settings settings) {
        settings.setFromImage(Setting.HOSTNAME, file.get("hostname"));
        settings.setFromImage(Setting.TIMEZONE, file.get("timezone"));
        settings.setFromImage(Setting.LOCALE, file.get("locale"));
        settings.setFromImage(Setting.KEYMAP, YamlFile.find(file.get("keyboard"), "layout"));
        Map<String, Object> user = users.user();
        settings.setFromImage(Setting.USER, user.get("name"));
        settings.setFromImage(Setting.PASSWORD, user.get("passwd"));
        settings.setFromImage(Setting.SSH_KEYS, user.get("ssh_authorized_keys"));
        settings.setFromImage(Setting.SSH, Boolean.TRUE.equals(file.get("enable_ssh")) || commands().contains(START_SSH));
        settings.setFromImage(Setting.NO_PASSWORD_LOGIN, Boolean.FALSE.equals(file.get(PASSWORD_LOGIN)));
        List<String> interfaces = new ArrayList<>();
        YamlFile.mapping(YamlFile.find(file.get("rpi"), "interfaces")).forEach((name, value) -> {
            if (!Boolean.FALSE.equals(value)) {
                interfaces.add(name);
            }
        });
        settings.setFromImage(Setting.INTERFACES, interfaces);
        for (Object written : YamlFile.sequence(file.get("write_files"))) {
            if (SCRIPT.equals(YamlFile.find(written, "path"))) {
                settings.setFromImage(Setting.SCRIPT, YamlFile.find(written, "content"));
            }
        }
    }

    private List<Object> commands() {
        return YamlFile.sequence(file.get("runcmd"));
    }

    void write(Settings requested, Settings all) throws FirstBootException {
        if (requested.has(Setting.HOSTNAME)) {
            file.set("hostname", requested.text(Setting.HOSTNAME));
            file.set("manage_etc_hosts", true);
        }
        if (requested.has(Setting.TIMEZONE)) {
            file.set("timezone", requested.text(Setting.TIMEZONE));
        }
        if (requested.has(Setting.LOCALE)) {
            file.set("locale", requested.text(Setting.LOCALE));
        }
        if (requested.has(Setting.KEYMAP)) {
            Map<String, Object> keyboard = YamlFile.mapping(file.get("keyboard"));
            keyboard.putIfAbsent("model", "pc105");
            keyboard.put("layout", requested.text(Setting.KEYMAP));
            file.set("keyboard", keyboard);
        }
        if (requested.has(Setting.USER) || requested.has(Setting.PASSWORD) || requested.has(Setting.SSH_KEYS)) {
            users.write(requested, all);
        }
        writeAccess(requested, all);
        writeInterfaces(requested);
        writeScript(requested);
    }

    private void writeAccess(Settings requested, Settings all) {
        if (requested.has(Setting.SSH) && ubuntu) {
            run(START_SSH);
        } else if (requested.has(Setting.SSH)) {
            file.set("enable_ssh", true);
        }
        Boolean passwordLogin = requested.passwordLogin(all);
        if (passwordLogin != null && !passwordLogin.equals(file.get(PASSWORD_LOGIN))) {
            note.saveOriginal(file, PASSWORD_LOGIN);
            file.set(PASSWORD_LOGIN, passwordLogin);
        }
    }

    private void run(List<Object> command) {
        List<Object> commands = commands();
        if (!commands.contains(command)) {
            commands.add(command);
            file.set("runcmd", commands);
        }
    }

    private void writeInterfaces(Settings requested) {
        if (!requested.has(Setting.INTERFACES)) {
            return;
        }
        Map<String, Object> rpi = YamlFile.mapping(file.get("rpi"));
        Map<String, Object> interfaces = YamlFile.mapping(rpi.get("interfaces"));
        requested.list(Setting.INTERFACES).forEach(name -> interfaces.putIfAbsent(name, true));
        requested.list(Setting.INTERFACES).forEach(name -> interfaces.replace(name, false, true));
        rpi.put("interfaces", interfaces);
        file.set("rpi", rpi);
    }

    private void writeScript(Settings requested) {
        if (requested.has(Setting.SCRIPT)) {
            List<Object> files = withoutScript();
            files.add(CloudInit.mapping("path", SCRIPT, "permissions", "0755", "content", requested.text(Setting.SCRIPT)));
            file.set("write_files", files);
            run(RUN_SCRIPT);
        }
    }

    private List<Object> withoutScript() {
        List<Object> files = YamlFile.sequence(file.get("write_files"));
        files.removeIf(written -> SCRIPT.equals(YamlFile.find(written, "path")));
        return files;
    }

    /** Removes what this class writes, and keeps the rest. */
    void reset() {
        OURS.forEach(key -> file.set(key, null));
        users.reset();
        if (!ubuntu) {
            // Ubuntu's own user-data contains this key; no other does.
            file.set(PASSWORD_LOGIN, null);
        }
        resetInterfaces();
        file.set("write_files", withoutScript());
        List<Object> commands = commands();
        commands.removeIf(command -> command.equals(RUN_SCRIPT) || command.equals(START_SSH));
        file.set("runcmd", commands);
        note.restore(file);
        note.clear();
    }

    private void resetInterfaces() {
        if (file.get("rpi") instanceof Map<?, ?> existing) {
            Map<String, Object> rpi = YamlFile.mapping(existing);
            Map<String, Object> interfaces = YamlFile.mapping(rpi.get("interfaces"));
            interfaces.keySet().removeAll(INTERFACES);
            rpi.put("interfaces", interfaces);
            if (interfaces.isEmpty()) {
                rpi.remove("interfaces");
            }
            file.set("rpi", rpi);
        }
    }
}
