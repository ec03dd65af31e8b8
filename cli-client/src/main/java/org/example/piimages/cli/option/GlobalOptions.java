package org.example.piimages.cli.option;

import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * The options of all commands, which can precede or follow the name of the command.
 *
 * @param noLegend whether tables are shown without header and footer
 * @param quiet whether only results and errors are shown
 * @param json the format of JSON output, if any
 * @param bytes whether sizes are shown in bytes
 * @param noPager whether long tables are shown without a pager
 * @param noAskPassword whether to fail rather than ask for a password
 */
public record GlobalOptions(boolean noLegend, boolean quiet, JsonFormat json, boolean bytes, boolean noPager, boolean noAskPassword) {

    /** The format of JSON output. */
    public enum JsonFormat {
        /** On one line. */
        SHORT,
        /** Indented. */
        PRETTY,
        /** No JSON: tables. */
        OFF
    }

    private static final String NO_LEGEND = "--no-legend";
    private static final String QUIET = "--quiet";
    private static final String JSON = "--json";
    private static final String BYTES = "--bytes";
    private static final String NO_PAGER = "--no-pager";
    private static final String NO_ASK_PASSWORD = "--no-ask-password";

    /** Adds the options to a command. */
    public static void addTo(CommandSpec spec) {
        spec.usageMessage().sortOptions(false).abbreviateSynopsis(true);
        spec.addOption(Options.flag(NO_LEGEND, "Show tables without header and footer"));
        spec.addOption(OptionSpec.builder("-q", QUIET).type(boolean.class).arity("0").description("Show results and errors only").build());
        spec.addOption(OptionSpec.builder(JSON).type(JsonFormat.class).arity("1").paramLabel("FORMAT")
                .converters(new JsonFormatConverter()).completionCandidates(List.of("short", "pretty", "off"))
                .description("Show JSON: short, pretty or off").build());
        spec.addOption(Options.flag(BYTES, "Show sizes in bytes"));
        spec.addOption(Options.flag(NO_PAGER, "Do not pipe long tables into a pager"));
        spec.addOption(Options.flag(NO_ASK_PASSWORD, "Do not ask for a password"));
        spec.addOption(OptionSpec.builder("-h", "--help").type(boolean.class).arity("0").usageHelp(true)
                .description("Show this help and exit").build());
    }

    /**
     * Not a lambda: lambdas of interfaces that are compiled for older Java versions, as those of picocli, are not stored in a class
     * archive.
     */
    private static final class JsonFormatConverter implements ITypeConverter<JsonFormat> {
        @Override
        public JsonFormat convert(String text) {
            return switch (text) {
                case "short" -> JsonFormat.SHORT;
                case "pretty" -> JsonFormat.PRETTY;
                case "off" -> JsonFormat.OFF;
                default -> throw new TypeConversionException("'" + text + "' is not one of short, pretty, off");
            };
        }
    }

    /** Returns the options; those after the name of the command take precedence. */
    public static GlobalOptions of(ParseResult program, ParseResult command) {
        JsonFormat json = command.matchedOptionValue(JSON, program.matchedOptionValue(JSON, JsonFormat.OFF));
        return new GlobalOptions(either(program, command, NO_LEGEND), either(program, command, QUIET), json,
                either(program, command, BYTES), either(program, command, NO_PAGER), either(program, command, NO_ASK_PASSWORD));
    }

    /** Returns a copy with --quiet. */
    public GlobalOptions quietly() {
        return new GlobalOptions(noLegend, true, json, bytes, noPager, noAskPassword);
    }

    private static boolean either(ParseResult program, ParseResult command, String option) {
        return program.hasMatchedOption(option) || command.hasMatchedOption(option);
    }
}
