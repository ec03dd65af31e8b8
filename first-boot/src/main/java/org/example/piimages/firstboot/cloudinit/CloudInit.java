package org.example.piimages.firstboot.cloudinit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.format.Format;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.KernelCommandLine;
import org.example.piimages.firstboot.syntax.YamlFile;

/** The files of cloud-init's NoCloud data source, which Raspberry Pi OS 13 and Ubuntu read from the boot partition. */
public final class CloudInit implements Format {

    private static final String META_DATA = "meta-data";
    private static final String COUNTRY = KernelCommandLine.COUNTRY;
    private static final String SWITCH = "cloud-init=";

    @Override
    public String title() {
        return "cloud-init";
    }

    @Override
    public String evidence(ImageFiles image) throws FirstBootException {
        if (!image.has("etc/cloud/cloud.cfg") || image.has("etc/cloud/cloud-init.disabled")
                || "disabled".equals(image.commandLine().value(SWITCH))) {
            return null;
        }
        if (image.isUbuntu()) {
            return "etc/cloud/cloud.cfg of Ubuntu";
        }
        return image.isRaspberryPiOs() ? "etc/cloud/cloud.cfg of Raspberry Pi OS" : null;
    }

    @Override
    public String imagerName(ImageFiles image) throws FirstBootException {
        return image.isUbuntu() ? "cloudinit" : "cloudinit-rpi";
    }

    @Override
    public Set<Setting> supportedSettings(ImageFiles image) throws FirstBootException {
        Set<Setting> all = EnumSet.allOf(Setting.class);
        if (image.isUbuntu()) {
            // Only the cloud-init of Raspberry Pi OS has a module for them.
            all.remove(Setting.INTERFACES);
        }
        return all;
    }

    @Override
    public Settings read(ImageFiles image) throws FirstBootException {
        Settings settings = new Settings();
        new UserData(image, image.bootText(UserData.FILE)).read(settings);
        new NetworkConfig(image.inBoot(NetworkConfig.FILE), image.bootText(NetworkConfig.FILE)).read(settings);
        settings.setFromImage(Setting.WIFI_COUNTRY, image.commandLine().value(COUNTRY));
        return settings;
    }

    @Override
    public void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        String replaced = requested.text(Setting.USER_DATA);
        if (replaced != null && !UserData.isUserData(replaced)) {
            throw FirstBootException.request("--user-data: the file's first line is not #cloud-config");
        }
        UserData userData = new UserData(image, replaced != null ? replaced : image.bootText(UserData.FILE));
        userData.write(requested, all);
        edits.put(image.inBoot(UserData.FILE), userData.text());

        String network = requested.text(Setting.NETWORK_CONFIG);
        NetworkConfig config = new NetworkConfig(image.inBoot(NetworkConfig.FILE),
                network != null ? network : image.bootText(NetworkConfig.FILE));
        config.write(requested, all);
        if (config.exists()) {
            edits.put(image.inBoot(NetworkConfig.FILE), config.text());
        }
        newInstance(image, requested, all, edits);
    }

    /** Sets a new instance ID: cloud-init applies most settings only to an instance that it has not seen before. */
    private static void newInstance(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        String id = "piimages-" + UUID.randomUUID();
        YamlFile metaData = YamlFile.parse(image.inBoot(META_DATA), image.bootText(META_DATA));
        metaData.set("instance-id", id);
        edits.put(image.inBoot(META_DATA), metaData.text());
        if (image.has(image.commandLineFile())) {
            KernelCommandLine line = image.commandLine();
            if (requested.has(Setting.WIFI_COUNTRY)) {
                line.set(COUNTRY, requested.text(Setting.WIFI_COUNTRY));
            }
            CloudSeed.set(line, id, image.commandLineFile());
            edits.put(image.commandLineFile(), line.content());
        } else if (requested.has(Setting.WIFI_COUNTRY) && !all.has(Setting.WIFI_SSID)) {
            throw FirstBootException
                    .request("without " + image.commandLineFile() + ", cloud-init can set --wifi-country only together"
                            + " with a network; specify one: --wifi-ssid NAME");
        }
    }

    @Override
    public void reset(ImageFiles image, Edits edits) throws FirstBootException {
        if (image.has(image.commandLineFile())) {
            KernelCommandLine line = image.commandLine();
            CloudSeed.reset(line);
            line.remove(COUNTRY);
            edits.put(image.commandLineFile(), line.content());
        }
        String text = image.bootText(UserData.FILE);
        if (text != null) {
            UserData userData = new UserData(image, text);
            userData.reset();
            edits.put(image.inBoot(UserData.FILE), userData.text());
        }
        NetworkConfig config = new NetworkConfig(image.inBoot(NetworkConfig.FILE), image.bootText(NetworkConfig.FILE));
        if (config.exists()) {
            config.reset();
            edits.put(image.inBoot(NetworkConfig.FILE), config.text());
        }
    }

    /** Returns a mutable mapping of alternating names and values. */
    static Map<String, Object> mapping(Object... namesAndValues) {
        Map<String, Object> mapping = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            mapping.put(namesAndValues[i].toString(), namesAndValues[i + 1]);
        }
        return mapping;
    }

    /** Returns a mutable list. */
    static List<Object> list(Object... values) {
        return new ArrayList<>(List.of(values));
    }
}
