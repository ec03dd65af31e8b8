package org.example.piimages.firstboot;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.example.piimages.firstboot.cloudinit.CloudInit;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.format.CustomToml;
import org.example.piimages.firstboot.format.DietPi;
import org.example.piimages.firstboot.format.FirstRun;
import org.example.piimages.firstboot.format.Format;
import org.example.piimages.firstboot.format.LegacyFiles;
import org.example.piimages.firstboot.format.Preseed;
import org.example.piimages.firstboot.setting.PasswordHash;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;

/** The first-boot settings of a mounted image, in the format that its system reads. */
public final class FirstBoot {

    /** If a system reads several formats, the one that takes precedence comes first. */
    private static final List<Format> FORMATS = List.of(new DietPi(), new Preseed(), new CloudInit(), new CustomToml(), new FirstRun(),
            new LegacyFiles());

    /** The range of user IDs for regular users; Debian Policy, 9.2.2. */
    private static final int MIN_USER_ID = 1000;
    private static final int USER_ID_END = 60_000;

    private final ImageFiles image;
    private final Format format;
    private final String evidence;

    private FirstBoot(ImageFiles image, Format format, String evidence) {
        this.image = image;
        this.format = format;
        this.evidence = evidence;
    }

    /**
     * Determines the format that the image's system reads.
     *
     * @param mountPoint the image's root directory, with its boot partition mounted in it
     * @throws FirstBootException if the system reads no known format
     */
    public static FirstBoot of(Path mountPoint) throws FirstBootException {
        ImageFiles image = ImageFiles.of(mountPoint);
        for (Format format : FORMATS) {
            String evidence = format.evidence(image);
            if (evidence != null) {
                return new FirstBoot(image, format, evidence);
            }
        }
        String name = image.osRelease("PRETTY_NAME");
        throw FirstBootException.image("the image's system (" + (name.isEmpty() ? "it has no os-release" : name)
                + ") does not support first-boot settings in a known format: it has none of DietPi, rpi-preseed, cloud-init,"
                + " custom.toml (unless it has already booted), raspberrypi-sys-mods; change it with piimagesctl run");
    }

    /** Returns the format's name, for users. */
    public String format() {
        return format.title();
    }

    /** Returns the evidence in the image that its system reads this format, for users. */
    public String evidence() {
        return evidence;
    }

    /** Returns Raspberry Pi Imager's name of the format; "none" if Imager does not support it, or if the image's first boot is over. */
    public String imagerName() throws FirstBootException {
        return format.firstBootMarker(image) == null ? format.imagerName(image) : "none";
    }

    /** Returns the settings in the image. */
    public Settings read() throws FirstBootException {
        return format.read(image);
    }

    /** Hashes a password with a method that the image's system supports. */
    public String hash(String password) throws FirstBootException {
        return PasswordHash.of(password, image.hashPrefix());
    }

    /**
     * Writes settings; all other settings are kept, or removed if {@code reset} is true.
     *
     * @param requested the settings to write; may be empty
     * @param reset whether all existing settings are removed first
     * @return the paths of the changed files, relative to the image's root
     * @throws FirstBootException before anything is written if the format cannot express a setting
     */
    public List<String> write(Settings requested, boolean reset) throws FirstBootException {
        for (Setting setting : requested.settings()) {
            if (!format.supportedSettings(image).contains(setting)) {
                throw FirstBootException.request(format.title() + ", which this image reads (" + evidence + "), cannot express --"
                        + setting.option() + "; nothing was written");
            }
        }
        String unread = requested.settings().isEmpty() ? null : format.firstBootMarker(image);
        if (unread != null) {
            throw FirstBootException
                    .image("the first boot of the image is over, as " + unread + " shows, and it no longer reads " + format.title()
                            + "; change it with piimagesctl run");
        }
        // A user-data file that is replaced as a whole is neither kept nor has to be readable.
        Settings before = reset || requested.has(Setting.USER_DATA) ? new Settings() : read();
        complete(requested, before);
        Set<String> changed = new LinkedHashSet<>();
        if (reset) {
            // Fail before anything is removed if the settings cannot be written.
            plan(requested, before);
            Edits removal = new Edits(image.directory());
            format.reset(image, removal);
            changed.addAll(removal.apply());
        }
        changed.addAll(plan(requested, before).apply());
        return List.copyOf(changed);
    }

    private Edits plan(Settings requested, Settings before) throws FirstBootException {
        Edits edits = new Edits(image.directory());
        if (!requested.settings().isEmpty()) {
            format.write(image, requested, requested.withFallback(before), edits);
        }
        return edits;
    }

    private void requireUser(Settings requested, Settings all) throws FirstBootException {
        if (requested.has(Setting.SSH_KEYS) && !all.has(Setting.USER) && format.supportedSettings(image).contains(Setting.USER)) {
            throw FirstBootException.request("an SSH key requires a user; specify one: --user NAME");
        }
        int id = requested.has(Setting.USER) ? image.userId(requested.text(Setting.USER)) : -1;
        if (id >= 0 && (id < MIN_USER_ID || id >= USER_ID_END)) {
            throw FirstBootException
                    .request("--user: '" + requested.text(Setting.USER) + "' is a system user of the image (etc/passwd); specify"
                            + " another name");
        }
    }

    /** Adds settings implied by the requested ones and rejects contradictory ones. */
    private void complete(Settings requested, Settings before) throws FirstBootException {
        Settings all = requested.withFallback(before);
        if (requested.has(Setting.PASSWORD) && !all.has(Setting.USER)) {
            throw FirstBootException.request("a password requires a user; specify one: --user NAME");
        }
        requireUser(requested, all);
        if (requested.has(Setting.SSH_KEYS) && format.supportedSettings(image).contains(Setting.SSH)) {
            requested.set(Setting.SSH, true);
        }
        if (requested.has(Setting.NO_PASSWORD_LOGIN) && !all.has(Setting.SSH_KEYS) && !requested.has(Setting.USER_DATA)) {
            throw FirstBootException
                    .request("--no-password-login without an SSH key would make login impossible; specify a key: --ssh-key FILE");
        }
        String ssid = requested.text(Setting.WIFI_SSID);
        if (ssid != null && !requested.has(Setting.WIFI_KEY) && !ssid.equals(before.text(Setting.WIFI_SSID))) {
            requested.set(Setting.WIFI_KEY, "");
        }
    }
}
