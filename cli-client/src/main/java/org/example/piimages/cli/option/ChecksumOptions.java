package org.example.piimages.cli.option;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options of unpack and write for verifying checksums, and the text that reports the result. */
public final class ChecksumOptions {

    private static final String GIVEN = "--sha256";
    private static final String NONE = "--no-verify";
    /** Hash functions for which collisions can be created. */
    private static final List<String> WEAK = List.of("MD5", "SHA-1");

    private ChecksumOptions() {
    }

    /** Adds the options to a command. */
    public static void addTo(CommandSpec spec) {
        spec.addOption(
                Options.value(GIVEN, "HEX", "Verify the download, or the image in it, against this SHA-256 instead of the files beside"
                        + " it"));
        spec.addOption(Options.flag(NONE, "Do not verify the download, even if there are checksum files"));
    }

    /** Adds the options to those of the service call. Throws CommandFailure if the value is not a SHA-256. */
    public static void pass(ParseResult arguments, Map<String, Variant<?>> options) {
        String digits = arguments.matchedOptionValue(GIVEN, null);
        if (digits != null && !digits.matches("[0-9a-fA-F]{64}")) {
            throw new CommandFailure(ExitCode.USAGE, GIVEN + " requires the 64 hexadecimal digits of a SHA-256, not '" + digits + "'");
        }
        if (digits != null && arguments.hasMatchedOption(NONE)) {
            throw new CommandFailure(ExitCode.USAGE, GIVEN + " and " + NONE + " are mutually exclusive");
        }
        if (digits != null) {
            options.put(Names.OPTION_SHA256, new Variant<>(digits));
        }
        if (arguments.hasMatchedOption(NONE)) {
            options.put(Names.OPTION_NO_VERIFY, new Variant<>(true));
        }
    }

    /** Returns the specified checksum; null if there is none. */
    public static String given(ParseResult arguments) {
        return arguments.matchedOptionValue(GIVEN, null);
    }

    /** Returns whether a checksum is to be verified. */
    public static boolean isWanted(ParseResult arguments) {
        return !arguments.hasMatchedOption(NONE);
    }

    /** Adjusts the options for standard input: checksum files beside the temporary file do not apply to it. */
    public static void passForInput(Map<String, Variant<?>> options) {
        if (!options.containsKey(Names.OPTION_SHA256)) {
            options.put(Names.OPTION_NO_VERIFY, new Variant<>(true));
        }
    }

    /**
     * Describes the checksum of the download and how it was verified, from the result of the job.
     *
     * @param title the name of the download
     * @param compared the key of the result that says whether it was verified
     */
    public static String comparison(ParseResult arguments, String title, Map<?, ?> result, String compared) {
        return "SHA-256 of " + title + ": " + result.get("sha256") + ", "
                + comparison(arguments, result, Boolean.TRUE.equals(result.get(compared)));
    }

    private static String comparison(ParseResult arguments, Map<?, ?> result, boolean isCompared) {
        if (arguments.hasMatchedOption(NONE)) {
            return "not verified, as requested";
        }
        if (!isCompared) {
            List<?> silent = list(result, "silent-files");
            return "not verified, no checksum found" + (silent.isEmpty() ? "" : ": it is not listed in " + words(silent));
        }
        if (arguments.hasMatchedOption(GIVEN)) {
            return "as given";
        }
        List<?> functions = list(result, "checksum-functions");
        return "as published" + (list(result, "checksum-files").isEmpty() ? "" : " in " + words(list(result, "checksum-files")))
                + (!functions.isEmpty() && WEAK.containsAll(functions) ? " by " + words(functions)
                        + ", which detects damage but not forgery" : "");
    }

    private static List<?> list(Map<?, ?> result, String name) {
        return result.get(name) instanceof List<?> list ? list : List.of();
    }

    private static String words(List<?> list) {
        return list.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
