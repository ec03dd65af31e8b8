package org.example.piimages.firstboot.format;

import java.util.List;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;

/** The commands of firstrun.sh. All of them run as root, once; if one fails, the others still run. */
final class FirstRunScript {

    private final Settings settings;
    private final StringBuilder script = new StringBuilder();

    FirstRunScript(Settings settings) {
        this.settings = settings;
    }

    /** Quotes a word for the shell. */
    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    private void line(String... words) {
        script.append(String.join("", words)).append('\n');
    }

    private String word(Setting setting) {
        return quoted(settings.text(setting));
    }

    /** Returns all commands; the last ones remove the script and the words of the kernel command line that run it. */
    String text(String userScript, String self, String commandLine) {
        line("set +e");
        system();
        user();
        access();
        wifi();
        for (String name : settings.list(Setting.INTERFACES)) {
            // For the serial port, newer versions of raspi-config set the hardware and the console separately.
            line(name.equals("serial") ? "raspi-config nonint do_serial_hw 0 || " : "", "raspi-config nonint do_", name, " 0");
        }
        if (settings.has(Setting.SCRIPT)) {
            line(userScript);
        }
        line("rm -f ", self, " ", userScript);
        line("sed -i 's| systemd\\.run=[^ ]*||; s| systemd\\.run_success_action=[^ ]*||; s| systemd\\.unit=[^ ]*||' ", commandLine);
        line("exit 0");
        return script.toString();
    }

    private void system() {
        if (settings.has(Setting.HOSTNAME)) {
            line("printf '%s\\n' ", word(Setting.HOSTNAME), " >/etc/hostname");
            line("sed -i '/^127\\.0\\.1\\.1/d' /etc/hosts");
            line("printf '127.0.1.1\\t%s\\n' ", word(Setting.HOSTNAME), " >>/etc/hosts");
        }
        if (settings.has(Setting.TIMEZONE)) {
            line("ln -sf /usr/share/zoneinfo/", word(Setting.TIMEZONE), " /etc/localtime");
            line("printf '%s\\n' ", word(Setting.TIMEZONE), " >/etc/timezone");
        }
        if (settings.has(Setting.KEYMAP)) {
            line("sed -i 's/^XKBLAYOUT=.*/XKBLAYOUT=\"'", word(Setting.KEYMAP), "'\"/' /etc/default/keyboard");
            line("dpkg-reconfigure -f noninteractive keyboard-configuration");
        }
        if (settings.has(Setting.LOCALE)) {
            line("sed -i 's/^# *\\('", word(Setting.LOCALE), "' \\)/\\1/' /etc/locale.gen");
            line("locale-gen");
            line("update-locale LANG=", word(Setting.LOCALE));
        }
    }

    private void user() {
        if (!settings.has(Setting.USER)) {
            return;
        }
        String name = word(Setting.USER);
        String hash = settings.has(Setting.PASSWORD) ? word(Setting.PASSWORD) : "'!'";
        line("user=$(getent passwd 1000 | cut -d: -f1)");
        line("if [ -x /usr/lib/userconf-pi/userconf ]; then");
        line("    /usr/lib/userconf-pi/userconf ", name, " ", hash);
        line("else");
        line("    usermod -p ", hash, " \"$user\"");
        line("    if [ \"$user\" != ", name, " ]; then");
        line("        usermod -l ", name, " \"$user\"");
        line("        usermod -m -d /home/", name, " ", name);
        line("        groupmod -n ", name, " \"$user\"");
        line("        sed -i \"s/^$user /\"", name, "' /' /etc/sudoers.d/010_pi-nopasswd");
        line("    fi");
        line("fi");
    }

    private void access() {
        List<String> keys = settings.list(Setting.SSH_KEYS);
        if (!keys.isEmpty()) {
            line("user=$(getent passwd 1000 | cut -d: -f1)");
            line("home=$(getent passwd 1000 | cut -d: -f6)");
            line("install -o \"$user\" -g \"$user\" -m 700 -d \"$home/.ssh\"");
            line(": >\"$home/.ssh/authorized_keys\"");
            for (String key : keys) {
                line("printf '%s\\n' ", quoted(key), " >>\"$home/.ssh/authorized_keys\"");
            }
            line("chown \"$user:$user\" \"$home/.ssh/authorized_keys\"");
            line("chmod 600 \"$home/.ssh/authorized_keys\"");
        }
        if (settings.has(Setting.NO_PASSWORD_LOGIN)) {
            // sshd uses the first value that it reads.
            line("sed -i '1i PasswordAuthentication no' /etc/ssh/sshd_config");
        }
        if (settings.has(Setting.SSH)) {
            line("systemctl enable ssh");
        }
    }

    private void wifi() {
        if (settings.has(Setting.WIFI_COUNTRY)) {
            line("raspi-config nonint do_wifi_country ", word(Setting.WIFI_COUNTRY));
        }
        if (!settings.has(Setting.WIFI_SSID)) {
            return;
        }
        String key = settings.has(Setting.WIFI_KEY) ? settings.text(Setting.WIFI_KEY) : "";
        line("if grep -q set_wlan /usr/lib/raspberrypi-sys-mods/imager_custom; then");
        line("    /usr/lib/raspberrypi-sys-mods/imager_custom set_wlan ", word(Setting.WIFI_SSID), key.isEmpty() ? "" : " " + quoted(key));
        line("else");
        String configuration = new WpaSupplicant(settings).text();
        line("printf '%s' ", quoted(configuration), " >/etc/wpa_supplicant/wpa_supplicant.conf");
        line("    chmod 600 /etc/wpa_supplicant/wpa_supplicant.conf");
        line("fi");
        line("rfkill unblock wifi");
    }
}
