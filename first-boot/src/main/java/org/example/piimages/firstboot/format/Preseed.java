package org.example.piimages.firstboot.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.KernelCommandLine;
import org.example.piimages.firstboot.syntax.TomlFile;

/** rpi-preseed.toml, which Raspberry Pi OS reads if the package rpi-preseed is installed. */
public final class Preseed implements Format {

    private static final String FILE = "rpi-preseed.toml";
    private static final String READER = "usr/lib/rpi-preseed/rpi-preseed";
    /** If this file exists, rpi-preseed.service does not start again. */
    private static final String APPLIED = "var/lib/rpi-preseed/applied";
    private static final String SSID_HEX = "ssid_hex";
    private static final String VERSION = "config_version";
    private static final String SCRIPT = "piimages-first-boot.sh";
    private static final String OPEN = "none";

    @Override
    public String title() {
        return "rpi-preseed";
    }

    @Override
    public String evidence(ImageFiles image) throws FirstBootException {
        if (!image.has(READER) && !image.hasUnit("rpi-preseed.service")) {
            return null;
        }
        String moved = image.commandLine().value("rpi_preseed.config=");
        if (moved != null) {
            throw FirstBootException
                    .image("cmdline.txt makes the image read its settings from " + moved + "; remove rpi_preseed.config= from"
                            + " it first");
        }
        return "the package rpi-preseed";
    }

    @Override
    public String firstBootMarker(ImageFiles image) throws FirstBootException {
        return image.has(APPLIED) ? APPLIED : null;
    }

    @Override
    public String imagerName(ImageFiles image) {
        return title();
    }

    @Override
    public Set<Setting> supportedSettings(ImageFiles image) {
        return EnumSet.complementOf(EnumSet.of(Setting.USER_DATA, Setting.NETWORK_CONFIG));
    }

    private static TomlFile file(ImageFiles image) throws FirstBootException {
        return TomlFile.parse(image.inBoot(FILE), image.bootText(FILE));
    }

    @Override
    public Settings read(ImageFiles image) throws FirstBootException {
        TomlFile file = file(image);
        Settings settings = TomlSettings.read(file);
        if (file.get("wlan", SSID_HEX) instanceof String hex && hex.matches("([0-9A-Fa-f]{2}){1,32}")) {
            settings.setFromImage(Setting.WIFI_SSID, new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8));
        }
        settings.setFromImage(Setting.LOCALE, file.get("locale", "lang"));
        List<String> interfaces = new ArrayList<>();
        TomlSettings.table(file, "interfaces").forEach((name, value) -> {
            if (!Boolean.FALSE.equals(value) && !"off".equals(value)) {
                interfaces.add(name.toString());
            }
        });
        settings.setFromImage(Setting.INTERFACES, interfaces);
        if (late(file).contains(command(image))) {
            settings.setFromImage(Setting.SCRIPT, image.bootText(SCRIPT));
        }
        return settings;
    }

    private static List<Object> late(TomlFile file) {
        return file.get("runcmd", "late") instanceof List<?> commands ? new ArrayList<>(commands) : new ArrayList<>();
    }

    private static String command(ImageFiles image) {
        return "/" + image.inBoot(SCRIPT);
    }

    @Override
    public void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        TomlFile file = file(image);
        file.values().putIfAbsent(VERSION, "1.0");
        TomlSettings.write(file, requested, all);
        if (requested.has(Setting.WIFI_SSID)) {
            // It would take precedence over the network name in plain text.
            file.set("wlan", SSID_HEX, null);
        }
        if (requested.has(Setting.WIFI_KEY)) {
            file.set("wlan", "key_mgmt", requested.text(Setting.WIFI_KEY).isEmpty() ? OPEN : "wpa-psk");
        }
        if (requested.has(Setting.LOCALE)) {
            file.set("locale", "locales", new ArrayList<>(List.of(requested.text(Setting.LOCALE))));
            file.set("locale", "lang", requested.text(Setting.LOCALE));
        }
        for (String name : requested.list(Setting.INTERFACES)) {
            Object on = name.equals("serial") ? "default" : (Object) true;
            file.set("interfaces", name, on);
        }
        if (requested.has(Setting.SCRIPT)) {
            List<Object> late = late(file);
            if (!late.contains(command(image))) {
                late.add(command(image));
            }
            file.set("runcmd", "late", late);
            edits.put(image.inBoot(SCRIPT), requested.text(Setting.SCRIPT));
        }
        edits.put(image.inBoot(FILE), file.text());
        if (requested.has(Setting.WIFI_COUNTRY)) {
            writeCountry(image, requested.text(Setting.WIFI_COUNTRY), all.has(Setting.WIFI_SSID), edits);
        }
    }

    /**
     * Writes the country to the kernel command line if needed: rpi-preseed applies it only together with a network. If the command line
     * already sets a country, it is updated too.
     */
    private static void writeCountry(ImageFiles image, String country, boolean hasNetwork, Edits edits) throws FirstBootException {
        if (!image.has(image.commandLineFile())) {
            if (!hasNetwork) {
                throw FirstBootException.request("without " + image.commandLineFile() + ", rpi-preseed can set"
                        + " --wifi-country only together with a network; specify one: --wifi-ssid NAME");
            }
            return;
        }
        KernelCommandLine line = image.commandLine();
        if (!hasNetwork || line.value(KernelCommandLine.COUNTRY) != null) {
            line.set(KernelCommandLine.COUNTRY, country);
            edits.put(image.commandLineFile(), line.content());
        }
    }

    /** Returns the country in the preseed file; null also if the file cannot be read, because it can be removed nevertheless. */
    private static Object countryOf(ImageFiles image) {
        try {
            return file(image).get("wlan", "country");
        } catch (FirstBootException e) {
            return null;
        }
    }

    @Override
    public void reset(ImageFiles image, Edits edits) throws FirstBootException {
        KernelCommandLine line = image.commandLine();
        String country = line.value(KernelCommandLine.COUNTRY);
        // A different country was not set by this file, so it is kept.
        if (country != null && country.equals(countryOf(image))) {
            line.remove(KernelCommandLine.COUNTRY);
            edits.put(image.commandLineFile(), line.content());
        }
        edits.delete(image.inBoot(FILE));
        edits.delete(image.inBoot(SCRIPT));
    }
}
