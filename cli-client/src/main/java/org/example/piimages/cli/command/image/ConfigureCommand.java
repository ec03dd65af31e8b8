package org.example.piimages.cli.command.image;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.PartitionOptions;
import org.example.piimages.cli.command.PassphraseOption;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.ConfigureOptions;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Details;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.HeldMount;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.cli.terminal.SecretInput;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.firstboot.FirstBoot;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.setting.WifiKey;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl configure}. */
public final class ConfigureCommand implements Subcommand {

    private static final String SHOW = "--show";
    private static final String RESET = "--reset";
    private static final String PASSWORD = "password-file";
    private static final String WIFI_PASSWORD = "wifi-password-file";

    /** The settings whose value is the argument of the option. */
    private static final List<Setting> TEXTS = List.of(Setting.HOSTNAME, Setting.USER, Setting.PASSWORD, Setting.WIFI_SSID,
            Setting.WIFI_COUNTRY, Setting.LOCALE, Setting.TIMEZONE, Setting.KEYMAP);
    /** The settings whose value is the content of the file that the option names. */
    private static final List<Setting> FILES = List.of(Setting.SCRIPT, Setting.USER_DATA, Setting.NETWORK_CONFIG);
    private static final List<Setting> FLAGS = List.of(Setting.SSH, Setting.NO_PASSWORD_LOGIN);

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "configure", "IMAGE", "Set up the first boot of an image: user, SSH, Wi-Fi");
        ConfigureOptions.addTo(spec);
        spec.addOption(Options.flag(SHOW, "Show the current settings and their format"));
        spec.addOption(Options.flag(RESET, "Remove all settings first"));
        PartitionOptions.addTo(spec);
        spec.addPositional(Options.file("IMAGE", "The image file, the card, or the mount point"));
        spec.usageMessage().footer("", "The image determines the format. Settings that are not named stay unchanged.", "",
                "  piimagesctl configure raspios.img --hostname pi --user me \\",
                "      --password-file - --ssh-key ~/.ssh/id_ed25519.pub");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        boolean reset = arguments.hasMatchedOption(RESET);
        try {
            ConfigureOptions options = ConfigureOptions.of(arguments);
            boolean write = reset || !options.isEmpty();
            if (!write && !arguments.hasMatchedOption(SHOW)) {
                throw new ParameterException(arguments.commandSpec().commandLine(), "no settings specified; specify one, or use --show");
            }
            // Files are read and the user is asked before the image is mounted.
            Settings requested = settings(options);
            String password = password(options);
            Map<String, Variant<?>> mount = new TreeMap<>();
            PartitionOptions.pass(arguments, mount);
            try (HeldMount held = PassphraseOption.with(arguments, file, session, passphrase -> {
                mount.putAll(passphrase);
                return HeldMount.of(session.service(mount), file, !write, mount);
            })) {
                held.work(place -> work(place, requested, password, reset, session.output()));
            }
            return ExitCode.OK;
        } catch (FirstBootException e) {
            throw failure(file, e);
        }
    }

    private static void work(Path place, Settings requested, String password, boolean reset, Output output) throws FirstBootException {
        FirstBoot firstBoot = FirstBoot.of(place);
        if (password != null) {
            requested.set(Setting.PASSWORD, firstBoot.hash(password));
        }
        boolean write = reset || !requested.settings().isEmpty();
        show(firstBoot, write ? firstBoot.write(requested, reset) : List.of(), output);
    }

    /** Prints the current settings, and the files that were written. */
    private static void show(FirstBoot firstBoot, List<String> changed, Output output) throws FirstBootException {
        Settings set = firstBoot.read();
        if (output.wantsJson()) {
            Map<String, Object> values = new LinkedHashMap<>();
            set.settings().forEach(setting -> values.put(setting.option(), set.displayValue(setting)));
            output.json(fields(firstBoot, changed, values));
            return;
        }
        Details details = Details.of(Map.of());
        details.add("Format", firstBoot.format() + " (" + firstBoot.evidence() + ")");
        for (Setting setting : set.settings()) {
            Object value = set.displayValue(setting);
            if (value instanceof List<?> values) {
                values.forEach(one -> details.add(setting.option(), one.toString()));
            } else {
                details.add(setting.option(), value.toString());
            }
        }
        changed.forEach(name -> details.add("Written", name));
        details.lines().forEach(output::result);
    }

    private static Map<String, Object> fields(FirstBoot firstBoot, List<String> changed, Map<String, Object> values) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", firstBoot.format());
        fields.put("evidence", firstBoot.evidence());
        fields.put("settings", values);
        fields.put("written", changed);
        return fields;
    }

    private static CommandFailure failure(ImageFile file, FirstBootException problem) {
        return new CommandFailure(problem.isRequest() ? ExitCode.USAGE : ExitCode.FAILED, file.path() + ": " + problem.getMessage());
    }

    private static Settings settings(ConfigureOptions options) throws FirstBootException {
        Settings requested = new Settings();
        for (Setting setting : TEXTS) {
            if (options.has(setting.option())) {
                requested.set(setting, options.text(setting.option()));
            }
        }
        for (Setting setting : FILES) {
            if (options.has(setting.option())) {
                requested.set(setting, options.fileText(setting.option()));
            }
        }
        for (Setting setting : FLAGS) {
            if (options.has(setting.option())) {
                requested.set(setting, true);
            }
        }
        if (options.has(Setting.SSH_KEYS.option())) {
            requested.set(Setting.SSH_KEYS, options.keys());
        }
        if (options.has(Setting.INTERFACES.option())) {
            requested.set(Setting.INTERFACES, options.interfaces());
        }
        String network = options.text(Setting.WIFI_SSID.option());
        if (options.has(WIFI_PASSWORD)) {
            if (network == null) {
                throw FirstBootException
                        .request("--wifi-password-file: the key depends on the network name; specify it: --wifi-ssid NAME");
            }
            requested.set(Setting.WIFI_KEY, WifiKey.of(network, secret(options, WIFI_PASSWORD, "the network " + network)));
        }
        return requested;
    }

    /** Returns the user's password in plain text, which is later hashed with a method that the image supports; null if not specified. */
    private static String password(ConfigureOptions options) throws FirstBootException {
        if (!options.has(PASSWORD)) {
            return null;
        }
        if (options.has(Setting.PASSWORD.option())) {
            throw FirstBootException.request("--password-file and --password-hash are mutually exclusive");
        }
        if ("-".equals(options.text(PASSWORD)) && "-".equals(options.text(WIFI_PASSWORD)) && !StandardStream.INPUT.isTerminal()) {
            throw FirstBootException.request("only one password can be read from standard input; specify a file for the other");
        }
        String user = options.text(Setting.USER.option());
        return secret(options, PASSWORD, user == null ? "the user" : user);
    }

    private static String secret(ConfigureOptions options, String option, String what) {
        return new SecretInput(System.in).read("--" + option, options.text(option), Printable.of(what));
    }
}
