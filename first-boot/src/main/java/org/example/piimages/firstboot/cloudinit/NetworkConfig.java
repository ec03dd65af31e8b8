package org.example.piimages.firstboot.cloudinit;

import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.YamlFile;

/** cloud-init's network-config, in version 2, which is netplan's format. */
final class NetworkConfig {

    static final String FILE = "network-config";
    private static final String WLAN = "wlan0";

    private final String name;
    private final YamlFile file;

    NetworkConfig(String name, String text) throws FirstBootException {
        this.name = name;
        this.file = YamlFile.parse(name, text);
    }

    /** Returns whether the configuration is below the key "network", not at the top level; also true for an empty file. */
    private boolean isBelow() {
        return file.get("network") != null || file.get("version") == null && file.get("wifis") == null && file.get("ethernets") == null;
    }

    private Map<String, Object> wifis() {
        return YamlFile.mapping(isBelow() ? YamlFile.find(file.get("network"), "wifis") : file.get("wifis"));
    }

    boolean exists() {
        return file.get("network") != null || !isBelow();
    }

    void read(Settings settings) {
        Map<String, Object> wlan = YamlFile.mapping(wifis().get(WLAN));
        settings.setFromImage(Setting.WIFI_COUNTRY, wlan.get("regulatory-domain"));
        YamlFile.mapping(wlan.get("access-points")).entrySet().stream().findFirst().ifPresent(network -> {
            settings.setFromImage(Setting.WIFI_SSID, network.getKey());
            Object password = YamlFile.find(network.getValue(), "password");
            settings.setFromImage(Setting.WIFI_KEY, password == null ? "" : password);
        });
    }

    void write(Settings requested, Settings all) throws FirstBootException {
        Map<String, Object> wlan = YamlFile.mapping(wifis().get(WLAN));
        boolean country = requested.has(Setting.WIFI_COUNTRY) && (requested.has(Setting.WIFI_SSID) || !wlan.isEmpty());
        if (!requested.has(Setting.WIFI_SSID) && !country) {
            return;
        }
        requireVersion();
        if (all.has(Setting.WIFI_COUNTRY)) {
            wlan.put("regulatory-domain", all.text(Setting.WIFI_COUNTRY));
        }
        if (requested.has(Setting.WIFI_KEY)) {
            String key = requested.text(Setting.WIFI_KEY);
            // What else is said of the same network stays, above all that it is hidden.
            Map<String, Object> network =
                    YamlFile.mapping(YamlFile.mapping(wlan.get("access-points")).get(requested.text(Setting.WIFI_SSID)));
            network.remove("password");
            network.remove("auth");
            if (!key.isEmpty()) {
                network.put("password", key);
            }
            wlan.putIfAbsent("dhcp4", true);
            wlan.putIfAbsent("optional", true);
            wlan.put("access-points", CloudInit.mapping(requested.text(Setting.WIFI_SSID), network));
        }
        Map<String, Object> wifis = wifis();
        wifis.put(WLAN, wlan);
        put(wifis);
    }

    /** Rejects files to which "wifis" cannot be added: cloud-init ignores that key in version 1 and next to "config". */
    private void requireVersion() throws FirstBootException {
        Object below = file.get("network");
        Object version = below == null ? file.get("version") : YamlFile.find(below, "version");
        boolean hasConfig = file.get("config") != null || YamlFile.find(below, "config") != null;
        if (below != null && !(below instanceof Map<?, ?>) || hasConfig || version != null && !version.toString().equals("2")) {
            throw FirstBootException
                    .image("cannot add a wireless network to " + name + ": it is not in version 2 of cloud-init's format, the"
                            + " only one that supports them; replace it with --network-config FILE");
        }
    }

    private void put(Map<String, Object> wifis) {
        if (!isBelow()) {
            if (file.get("version") == null) {
                file.set("version", 2);
            }
            file.set("wifis", wifis);
            return;
        }
        boolean isNew = file.get("network") == null;
        Map<String, Object> network = YamlFile.mapping(file.get("network"));
        network.putIfAbsent("version", 2);
        if (isNew) {
            // A new file replaces the image's own configuration, which includes the wired network too.
            network.put("ethernets", CloudInit.mapping("eth0", CloudInit.mapping("dhcp4", true, "optional", true)));
        }
        network.put("wifis", wifis);
        file.set("network", network);
    }

    void reset() {
        if (!isBelow()) {
            file.set("wifis", null);
        } else if (exists()) {
            Map<String, Object> network = YamlFile.mapping(file.get("network"));
            network.remove("wifis");
            file.set("network", network);
        }
    }

    String text() throws FirstBootException {
        return file.text();
    }
}
