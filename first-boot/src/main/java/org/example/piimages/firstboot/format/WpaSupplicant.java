package org.example.piimages.firstboot.format;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;

/** wpa_supplicant.conf(5) with a single network. */
final class WpaSupplicant {

    static final String FILE = "wpa_supplicant.conf";
    // \s would match line ends too, and take quadratic time for many empty lines.
    private static final Pattern COUNTRY = Pattern.compile("(?m)^[ \\t]*country=([A-Z]{2})[ \\t]*$");
    private static final Pattern SSID = Pattern.compile("(?m)^[ \\t]*ssid=(?:\"(.*)\"|([0-9A-Fa-f]+))[ \\t]*$");
    private static final Pattern KEY = Pattern.compile("(?m)^[ \\t]*psk=([0-9A-Fa-f]{64}|\".*\")[ \\t]*$");
    private static final Pattern NETWORK = Pattern.compile("(?m)^[ \\t]*network=\\{");

    private final Settings settings;

    WpaSupplicant(Settings settings) {
        this.settings = settings;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        if (settings.has(Setting.WIFI_COUNTRY)) {
            text.append("country=").append(settings.text(Setting.WIFI_COUNTRY)).append('\n');
        }
        text.append("ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev\nupdate_config=1\n");
        if (settings.has(Setting.WIFI_SSID)) {
            // Hexadecimal digits need no quoting.
            String ssid = HexFormat.of().formatHex(settings.text(Setting.WIFI_SSID).getBytes(StandardCharsets.UTF_8));
            String key = settings.has(Setting.WIFI_KEY) ? settings.text(Setting.WIFI_KEY) : "";
            text.append("network={\n\tssid=").append(ssid).append('\n')
                    .append(key.isEmpty() ? "\tkey_mgmt=NONE\n" : "\tpsk=" + key + "\n").append("}\n");
        }
        return text.toString();
    }

    /**
     * Reads the settings in a file.
     *
     * @throws FirstBootException if it contains several networks
     */
    static void read(String name, String text, Settings settings) throws FirstBootException {
        if (NETWORK.matcher(text).results().count() > 1) {
            throw FirstBootException.image("cannot use " + name + ": it contains several networks; to remove it, use --reset");
        }
        Matcher country = COUNTRY.matcher(text);
        settings.setFromImage(Setting.WIFI_COUNTRY, country.find() ? country.group(1) : null);
        Matcher ssid = SSID.matcher(text);
        if (ssid.find()) {
            boolean isHexadecimal = ssid.group(2) != null && ssid.group(2).length() % 2 == 0;
            settings.setFromImage(Setting.WIFI_SSID,
                    isHexadecimal ? new String(HexFormat.of().parseHex(ssid.group(2)), StandardCharsets.UTF_8)
                            : ssid.group(1));
            Matcher key = KEY.matcher(text);
            settings.setFromImage(Setting.WIFI_KEY, key.find() ? key.group(1) : "");
        }
    }
}
