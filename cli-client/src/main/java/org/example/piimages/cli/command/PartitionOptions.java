package org.example.piimages.cli.command;

import java.util.List;
import java.util.Map;
import org.example.piimages.cli.option.Options;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The options that select the partitions of an image instead of the service, and the option for the passphrase of encrypted ones. */
public final class PartitionOptions {

    private static final String ROOT = "--root";
    private static final String BOOT = "--boot";
    private static final String NO_BOOT = "--no-boot";
    private static final int DIGITS_LIMIT = 4;

    private PartitionOptions() {
    }

    /** Adds the options that {@link #pass} reads, and that of {@link PassphraseOption}. */
    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.value(ROOT, "N", "Use partition N as the root filesystem; piimagesctl status IMAGE lists them"));
        spec.addOption(Options.value(BOOT, "N", "Use partition N as the boot partition"));
        spec.addOption(Options.flag(NO_BOOT, "Use only the root filesystem, without the boot partition and any others"));
        PassphraseOption.addTo(spec);
    }

    /**
     * Verifies that none of the options was specified.
     *
     * @param reason the end of the error message: why they do not apply, or what to do
     * @throws ParameterException if one was specified
     */
    public static void requireNone(ParseResult arguments, String reason) {
        for (String option : List.of(ROOT, BOOT, NO_BOOT, PassphraseOption.NAME)) {
            if (arguments.hasMatchedOption(option)) {
                throw new ParameterException(arguments.commandSpec().commandLine(),
                        option + " applies only to an image that is not mounted; "
                                + reason);
            }
        }
    }

    /**
     * Adds the options that were specified to those of a method call.
     *
     * @throws ParameterException if a partition number is not a number
     */
    public static void pass(ParseResult arguments, Map<String, Variant<?>> options) {
        number(arguments, ROOT, options, Names.OPTION_ROOT);
        number(arguments, BOOT, options, Names.OPTION_BOOT);
        if (arguments.hasMatchedOption(NO_BOOT)) {
            options.put(Names.OPTION_NO_BOOT, new Variant<>(true));
        }
    }

    private static void number(ParseResult arguments, String option, Map<String, Variant<?>> options, String name) {
        if (!arguments.hasMatchedOption(option)) {
            return;
        }
        String value = arguments.matchedOptionValue(option, "");
        if (value.isEmpty() || value.length() > DIGITS_LIMIT || !value.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            throw new ParameterException(arguments.commandSpec().commandLine(), "'" + value + "' is not a partition number");
        }
        options.put(name, new Variant<>(new UInt32(Integer.parseInt(value))));
    }
}
