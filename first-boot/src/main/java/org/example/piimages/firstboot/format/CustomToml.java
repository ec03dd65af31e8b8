package org.example.piimages.firstboot.format;

import java.util.EnumSet;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.TomlFile;

/**
 * custom.toml, which Raspberry Pi OS 12 reads: init_config of raspberrypi-sys-mods, called by firstboot, which runs as init at the first
 * boot.
 */
public final class CustomToml implements Format {

    private static final String FILE = "custom.toml";
    private static final String READER = "usr/lib/raspberrypi-sys-mods/init_config";
    private static final String FIRST_INIT = "/usr/lib/raspberrypi-sys-mods/firstboot";
    private static final String VERSION = "config_version";

    @Override
    public String title() {
        return FILE;
    }

    @Override
    public String evidence(ImageFiles image) throws FirstBootException {
        boolean isRead = image.has(READER) && FIRST_INIT.equals(image.commandLine().value("init="));
        return isRead ? "init_config of raspberrypi-sys-mods, and firstboot in cmdline.txt" : null;
    }

    @Override
    public String imagerName(ImageFiles image) {
        return FirstRun.IMAGER_NAME;
    }

    @Override
    public Set<Setting> supportedSettings(ImageFiles image) {
        return EnumSet.complementOf(EnumSet.of(Setting.LOCALE, Setting.INTERFACES, Setting.SCRIPT, Setting.USER_DATA,
                Setting.NETWORK_CONFIG));
    }

    private static TomlFile file(ImageFiles image) throws FirstBootException {
        return TomlFile.parse(image.inBoot(FILE), image.bootText(FILE));
    }

    @Override
    public Settings read(ImageFiles image) throws FirstBootException {
        return TomlSettings.read(file(image));
    }

    @Override
    public void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        TomlFile file = file(image);
        file.values().put(VERSION, 1);
        TomlSettings.write(file, requested, all);
        edits.put(image.inBoot(FILE), file.text());
    }

    @Override
    public void reset(ImageFiles image, Edits edits) {
        edits.delete(image.inBoot(FILE));
    }
}
