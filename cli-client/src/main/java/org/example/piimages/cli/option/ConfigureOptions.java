package org.example.piimages.cli.option;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.terminal.SecretInput;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.syntax.TomlFile;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options of configure, from the command line or by the same names in a settings file. The command line takes precedence. */
public final class ConfigureOptions {

    private static final int LIMIT = 128 << 10;

    /** The name, label and description of each option with a value. */
    private static final String[][] VALUES = {
        {"hostname", "NAME", "The host name"},
        {"user", "NAME", "The first user's name"},
        {"password-file", "FILE", "The user's password: the first line of FILE, or of standard input for -"},
        {"password-hash", "HASH", "The hash of the password, as created by mkpasswd(1)"},
        {"wifi-ssid", "NAME", "The wireless network; an open one if there is no password"},
        {"wifi-password-file", "FILE", "The network's password, as for --password-file; not for WPA3-only networks"},
        {"wifi-country", "CC", "The country whose radio regulations apply, such as GB"},
        {"locale", "LOCALE", "The locale, such as en_GB.UTF-8"},
        {"timezone", "ZONE", "The time zone, such as Europe/Berlin"},
        {"keymap", "LAYOUT", "The keyboard layout, such as gb"},
        {"enable", "LIST", "Comma-separated interfaces to enable: i2c, spi, onewire, serial"},
        {"run-at-first-boot", "SCRIPT", "Copy SCRIPT into the image, and run it once, as root"},
        {"user-data", "FILE", "Replace cloud-init's user-data with FILE first"},
        {"network-config", "FILE", "Replace cloud-init's network-config with FILE first"}};
    private static final List<String> FLAGS = List.of("ssh", "no-password-login");
    private static final String KEYS = "ssh-key";
    private static final String FROM = "from";

    private final Map<String, Object> values = new LinkedHashMap<>();
    /** The directory to which file names in the settings file are relative; null if there is no settings file. */
    private Path settingsDirectory;

    private ConfigureOptions() {
    }

    public static void addTo(CommandSpec spec) {
        for (String[] value : VALUES) {
            spec.addOption(Options.value("--" + value[0], value[1], value[2]));
        }
        spec.addOption(Options.list(new String[] {"--" + KEYS}, "FILE",
                "Authorise the keys in FILE for --user, and enable SSH; can be repeated"));
        spec.addOption(Options.flag("--ssh", "Enable the SSH server"));
        spec.addOption(Options.flag("--no-password-login", "Disable password authentication over SSH"));
        spec.addOption(Options.value("--" + FROM, "SETTINGS", "Read settings from a TOML file whose keys are these option names"));
    }

    /** Returns the options. Throws {@link CommandFailure} if the settings file cannot be read. */
    public static ConfigureOptions of(ParseResult arguments) throws FirstBootException {
        ConfigureOptions options = new ConfigureOptions();
        if (arguments.hasMatchedOption("--" + FROM)) {
            options.from(Path.of(arguments.matchedOptionValue("--" + FROM, "")));
        }
        for (String[] value : VALUES) {
            if (arguments.hasMatchedOption("--" + value[0])) {
                options.values.put(value[0], arguments.matchedOptionValue("--" + value[0], ""));
            }
        }
        for (String flag : FLAGS) {
            if (arguments.hasMatchedOption("--" + flag)) {
                options.values.put(flag, true);
            }
        }
        if (arguments.hasMatchedOption("--" + KEYS)) {
            List<String> files = arguments.matchedOptionValue("--" + KEYS, List.of());
            options.values.put(KEYS, files.stream().map(file -> Path.of(file).toAbsolutePath().toString()).toList());
        }
        return options;
    }

    private void from(Path file) throws FirstBootException {
        settingsDirectory = file.toAbsolutePath().getParent();
        for (Map.Entry<String, Object> entry : TomlFile.parse(file.toString(), text("--from", file)).values().entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            boolean isText = value instanceof String && List.of(VALUES).stream().anyMatch(known -> known[0].equals(name));
            boolean isFlag = value instanceof Boolean && FLAGS.contains(name);
            boolean isList = value instanceof List<?> && (name.equals(KEYS) || name.equals("enable"));
            if (!isText && !isFlag && !isList) {
                throw new CommandFailure(ExitCode.USAGE,
                        file + ": '" + name + "' is not an option of configure, or its value has the wrong type;"
                                + " see: piimagesctl configure --help");
            }
            if (!Boolean.FALSE.equals(value)) {
                values.put(name, isText ? inSettingsDirectory(name, value.toString()) : value);
            }
        }
    }

    /** Resolves file names in a settings file against its directory. */
    private String inSettingsDirectory(String name, String value) {
        boolean isFile = List.of(VALUES).stream().anyMatch(known -> known[0].equals(name) && known[1].matches("FILE|SCRIPT"));
        return isFile && !value.equals("-") ? settingsDirectory.resolve(value).toString() : value;
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** Returns the value of an option as text; null if it is not set. */
    public String text(String name) {
        return values.get(name) == null ? null : values.get(name).toString();
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** Returns the words of --enable, which may be a list in a settings file. */
    public List<String> interfaces() {
        Object value = values.get("enable");
        return value instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of(value.toString().split(","));
    }

    /** Returns the lines of all key files, except comments and empty lines. */
    public List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (Object file : (List<?>) values.get(KEYS)) {
            Path path = settingsDirectory == null ? Path.of(file.toString()) : settingsDirectory.resolve(file.toString());
            text("--" + KEYS, path).lines().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#")).forEach(keys::add);
        }
        if (keys.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, "--ssh-key: the file contains no key");
        }
        return keys;
    }

    /** Returns the content of the file that an option names. */
    public String fileText(String name) {
        return text("--" + name, Path.of(text(name)));
    }

    private static String text(String option, Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            byte[] bytes = content.readNBytes(LIMIT + 1);
            if (bytes.length > LIMIT) {
                throw new CommandFailure(ExitCode.USAGE, option + ": " + file + " is larger than 128 KiB");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new CommandFailure(ExitCode.USAGE, option + ": " + file + " is not UTF-8 text");
        } catch (IOException e) {
            throw SecretInput.unreadable(option, file, e);
        }
    }
}
