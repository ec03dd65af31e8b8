package org.example.piimages.firstboot.format;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.KernelCommandLine;
import org.example.piimages.firstboot.syntax.TomlFile;

/**
 * firstrun.sh, which systemd runs directly if cmdline.txt says so: Raspberry Pi OS 10 and 11, and the first images of 13.
 *
 * <p>A script cannot be read back, so the settings are recorded at its top, as TOML in comments.
 */
public final class FirstRun implements Format {

    private static final String FILE = "firstrun.sh";
    /** Imager writes a script that systemd runs once. */
    static final String IMAGER_NAME = "systemd";
    private static final String USER_SCRIPT = "piimages-first-boot.sh";
    private static final String NOTE = "#: ";
    private static final List<String> GENERATORS = List.of("usr/lib/systemd/system-generators/systemd-run-generator",
            "lib/systemd/system-generators/systemd-run-generator");
    private static final String RUN = "systemd.run=";
    private static final String AFTERWARDS = "systemd.run_success_action=";
    private static final String UNIT = "systemd.unit=";
    private static final String LISTS = "lists";
    private static final String TEXTS = "texts";

    @Override
    public String title() {
        return FILE;
    }

    @Override
    public String evidence(ImageFiles image) throws FirstBootException {
        boolean isRun = image.isRaspberryPiOs() && (image.has(GENERATORS.get(0)) || image.has(GENERATORS.get(1)))
                && image.has(image.commandLineFile());
        return isRun ? "Raspberry Pi OS, whose systemd runs the program named in cmdline.txt" : null;
    }

    @Override
    public String imagerName(ImageFiles image) {
        return IMAGER_NAME;
    }

    @Override
    public Set<Setting> supportedSettings(ImageFiles image) {
        return EnumSet.complementOf(EnumSet.of(Setting.USER_DATA, Setting.NETWORK_CONFIG));
    }

    @Override
    public Settings read(ImageFiles image) throws FirstBootException {
        Settings settings = new Settings();
        String script = image.bootText(FILE);
        if (script == null) {
            return settings;
        }
        StringBuilder notes = new StringBuilder();
        script.lines().filter(line -> line.startsWith(NOTE)).forEach(line -> notes.append(line.substring(NOTE.length())).append('\n'));
        if (notes.isEmpty()) {
            throw FirstBootException.image(
                    "cannot determine the settings in " + image.inBoot(FILE) + ": another tool created it; to remove it, use --reset");
        }
        TomlFile file = TomlFile.parse(image.inBoot(FILE), notes.toString());
        for (Setting setting : Setting.values()) {
            settings.setFromImage(setting, file.get(TEXTS, setting.option()));
            settings.setFromImage(setting, file.get(LISTS, setting.option()));
        }
        settings.setFromImage(Setting.SCRIPT, image.bootText(USER_SCRIPT));
        return settings;
    }

    @Override
    public void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException {
        TomlFile notes = TomlFile.parse(FILE, null);
        for (Setting setting : all.settings()) {
            if (setting != Setting.SCRIPT) {
                boolean isList = setting == Setting.SSH_KEYS || setting == Setting.INTERFACES;
                notes.set(isList ? LISTS : TEXTS, setting.option(), isList ? new ArrayList<>(all.list(setting)) : all.text(setting));
            }
        }
        StringBuilder head =
                new StringBuilder("#!/bin/sh\n# First-boot settings, by piimagesctl configure, which reads these lines back.\n");
        notes.text().lines().filter(line -> !line.isEmpty()).forEach(line -> head.append(NOTE).append(line).append('\n'));
        if (all.has(Setting.SCRIPT)) {
            edits.put(image.inBoot(USER_SCRIPT), all.text(Setting.SCRIPT));
        }
        String cleanUp = "/" + image.commandLineFile();
        edits.put(image.inBoot(FILE),
                head + new FirstRunScript(all).text("/" + image.inBoot(USER_SCRIPT), "/" + image.inBoot(FILE), cleanUp));
        KernelCommandLine line = image.commandLine();
        words(image).forEach(line::set);
        edits.put(image.commandLineFile(), line.content());
    }

    private static Map<String, String> words(ImageFiles image) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put(RUN, "/" + image.inBoot(FILE));
        words.put(AFTERWARDS, "reboot");
        words.put(UNIT, "kernel-command-line.target");
        return words;
    }

    @Override
    public void reset(ImageFiles image, Edits edits) throws FirstBootException {
        KernelCommandLine line = image.commandLine();
        words(image).keySet().forEach(line::remove);
        edits.put(image.commandLineFile(), line.content());
        edits.delete(image.inBoot(FILE));
        edits.delete(image.inBoot(USER_SCRIPT));
    }
}
