package org.example.piimages.firstboot.format;

import java.util.EnumSet;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;

/** The oldest files that Raspberry Pi OS reads: ssh, userconf.txt, wpa_supplicant.conf. */
public final class LegacyFiles implements Format {

    private static final String SSH = "ssh";
    private static final String USER = "userconf.txt";
    private static final String USER_READER = "usr/lib/userconf-pi/userconf";

    @Override
    public String title() {
        return "ssh, userconf.txt and wpa_supplicant.conf";
    }

    @Override
    public String evidence(ImageFiles image) throws FirstBootException {
        return image.hasUnit("sshswitch.service") ? "sshswitch.service of Raspberry Pi OS" : null;
    }

    @Override
    public Set<Setting> supportedSettings(ImageFiles image) throws FirstBootException {
        Set<Setting> settings = EnumSet.of(Setting.SSH, Setting.WIFI_SSID, Setting.WIFI_KEY, Setting.WIFI_COUNTRY);
        if (image.has(USER_READER)) {
            settings.add(Setting.USER);
            settings.add(Setting.PASSWORD);
        }
        return settings;
    }

    @Override
    public Settings read(ImageFiles image) throws FirstBootException {
        Settings settings = new Settings();
        settings.setFromImage(Setting.SSH, image.bootText(SSH) != null);
        String user = image.bootText(USER);
        if (user != null && user.contains(":")) {
            settings.setFromImage(Setting.USER, user.substring(0, user.indexOf(':')));
            settings.setFromImage(Setting.PASSWORD, user.substring(user.indexOf(':') + 1).strip());
        }
        String wifi = image.bootText(WpaSupplicant.FILE);
        if (wifi != null) {
            WpaSupplicant.read(image.inBoot(WpaSupplicant.FILE), wifi, settings);
        }
        return settings;
    }

    @Override
    public void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        if (requested.has(Setting.SSH)) {
            edits.put(image.inBoot(SSH), "");
        }
        if (requested.has(Setting.USER) || requested.has(Setting.PASSWORD)) {
            if (!all.has(Setting.PASSWORD)) {
                throw FirstBootException.request(USER + " requires a password for the user; specify one: --password-file FILE");
            }
            edits.put(image.inBoot(USER), all.text(Setting.USER) + ":" + all.text(Setting.PASSWORD) + "\n");
        }
        if (requested.has(Setting.WIFI_SSID) || requested.has(Setting.WIFI_COUNTRY)) {
            edits.put(image.inBoot(WpaSupplicant.FILE), new WpaSupplicant(all).text());
        }
    }

    @Override
    public void reset(ImageFiles image, Edits edits) {
        edits.delete(image.inBoot(SSH));
        edits.delete(image.inBoot(USER));
        edits.delete(image.inBoot(WpaSupplicant.FILE));
    }
}
