package org.example.piimages.cli.completion;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.cli.CommandTree;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Prints the completion scripts for bash, fish and zsh when the package is built. They are generated from the command model of the program,
 * so they are always up to date.
 */
public final class Completion {

    private final CommandSpec program = CommandTree.complete().getCommandSpec();
    private final StringBuilder out = new StringBuilder();

    private Completion() {
    }

    /** Prints the script for the shell that is named by the first argument. */
    public static void main(String[] arguments) {
        System.out.print(of(arguments[0]));
    }

    /** Returns the script for a shell. */
    static String of(String shell) {
        if (shell.equals("bash")) {
            return BashCompletion.script();
        }
        Completion completion = new Completion();
        switch (shell) {
            case "fish" -> completion.fish();
            case "zsh" -> completion.zsh();
            default -> throw new IllegalArgumentException("no completion for " + shell);
        }
        return completion.out.toString();
    }

    /** Returns what a parameter is completed with, according to its label: files, or names that the service provides. */
    static List<String> kinds(PositionalParamSpec parameter) {
        List<String> kinds = new ArrayList<>();
        for (String label : parameter.paramLabel().split("\\|")) {
            switch (label) {
                case "MACHINE" -> kinds.add("machines");
                case "JOB" -> kinds.add("jobs");
                case "CPU" -> kinds.add("cpus");
                case "MOUNTPOINT" -> kinds.add("mounted");
                default -> {
                    if (label.equals("IMAGE") || label.equals("LIST") || parameter.type() == File.class) {
                        kinds.add("files");
                    }
                }
            }
        }
        return kinds;
    }

    /** Returns the permitted words of a parameter if its label lists them. */
    static List<String> words(PositionalParamSpec parameter) {
        return alternatives(parameter.paramLabel());
    }

    private static List<String> alternatives(String label) {
        return label.matches("[a-z]+(\\|[a-z]+)+") ? List.of(label.split("\\|")) : List.of();
    }

    private static String description(OptionSpec option) {
        return String.join(" ", option.description());
    }

    /** Returns the permitted values of an option; empty if they are not enumerated. */
    static List<String> candidates(OptionSpec option) {
        if (option.completionCandidates() == null) {
            return alternatives(option.paramLabel());
        }
        List<String> candidates = new ArrayList<>();
        option.completionCandidates().forEach(candidates::add);
        return candidates;
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private void line(String... parts) {
        out.append(String.join(" ", parts)).append('\n');
    }

    private void fish() {
        line("function __piimagesctl_machines; piimagesctl --no-legend machines 2>/dev/null | string replace -r ' .*' ''; end");
        line("function __piimagesctl_jobs; piimagesctl --no-legend jobs 2>/dev/null | string replace -r ' .*' ''; end");
        line("function __piimagesctl_cpus; piimagesctl --no-legend interpreters 2>/dev/null | string replace -r ' .*' ''; end");
        line("function __piimagesctl_mounted; piimagesctl --no-legend list 2>/dev/null | string replace -r '  .*' ''; end");
        line("complete -c piimagesctl -f");
        program.options().forEach(option -> fishOption("__fish_use_subcommand", option));
        for (CommandLine command : program.subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            line("complete -c piimagesctl -n __fish_use_subcommand -a", spec.name(), "-d", quoted(spec.usageMessage().description()[0]));
            String seen = quoted("__fish_seen_subcommand_from " + spec.name());
            spec.options().forEach(option -> fishOption(seen, option));
            spec.positionalParameters().stream().map(Completion::words).filter(words -> !words.isEmpty())
                    .forEach(words -> line("complete -c piimagesctl -n", seen, "-a", quoted(String.join(" ", words))));
            spec.positionalParameters().stream().flatMap(parameter -> kinds(parameter).stream()).distinct().forEach(
                    kind -> line("complete -c piimagesctl -n", seen, kind.equals("files") ? "-F" : "-a '(__piimagesctl_" + kind + ")'"));
        }
    }

    private void fishOption(String condition, OptionSpec option) {
        StringBuilder names = new StringBuilder();
        for (String name : option.names()) {
            names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        List<String> candidates = candidates(option);
        String value = option.arity().max() == 0 ? "" : candidates.isEmpty() ? "-r" : "-x -a " + quoted(String.join(" ", candidates));
        line("complete -c piimagesctl -n", condition + names, value, "-d", quoted(description(option)));
    }

    private void zsh() {
        line("#compdef piimagesctl");
        zshNames("machines", "piimagesctl --no-legend machines 2>/dev/null | sed \"s/ .*//\"");
        zshNames("jobs", "piimagesctl --no-legend jobs 2>/dev/null | sed \"s/ .*//\"");
        zshNames("cpus", "piimagesctl --no-legend interpreters 2>/dev/null | sed \"s/ .*//\"");
        zshNames("mounted", "piimagesctl --no-legend list 2>/dev/null | sed \"s/  .*//\"");
        line("_piimagesctl() {");
        line("  local state line context; local -A opt_args; local -a commands");
        zshArguments(program, "'1:command:->command' '*::argument:->argument'");
        line("  case $state in");
        line("  command) commands=(");
        for (CommandLine command : program.subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            line("    " + zshQuoted(spec.name() + ":" + spec.usageMessage().description()[0]));
        }
        line("    ); _describe command commands ;;");
        line("  argument) case $words[1] in");
        for (CommandLine command : program.subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            line("  " + spec.name() + ")");
            zshArguments(spec, zshParameters(spec));
            line("  ;;");
        }
        line("  esac ;;");
        line("  esac");
        line("}");
        line("_piimagesctl \"$@\"");
    }

    private void zshNames(String kind, String source) {
        line("_piimagesctl_" + kind + "() { local -a names; names=(${(f)\"$(" + source + ")\"}); compadd -a names }");
    }

    private void zshArguments(CommandSpec spec, String rest) {
        out.append("  _arguments -C");
        for (OptionSpec option : spec.options()) {
            for (String name : option.names()) {
                List<String> candidates = candidates(option);
                String equals = name.startsWith("--") ? "=" : "";
                String value = option.arity().max() == 0 ? "" : ":" + option.paramLabel().replaceAll("[\\[\\]:]", "") + ":"
                        + (candidates.isEmpty() ? "_files" : "(" + String.join(" ", candidates) + ")");
                out.append(" \\\n    ").append(zshQuoted(name + (value.isEmpty() ? "" : equals) + "["
                        + description(option).replaceAll("[\\[\\]]", "") + "]" + value));
            }
        }
        out.append(" \\\n    ").append(rest).append('\n');
    }

    /** Returns the actions for the positional parameters; words after the last one belong to another command. */
    private static String zshParameters(CommandSpec spec) {
        StringBuilder places = new StringBuilder();
        int place = 0;
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            List<String> kinds = kinds(parameter);
            List<String> words = words(parameter);
            place++;
            if (!words.isEmpty()) {
                places.append(' ').append(zshQuoted(place + ":word:(" + String.join(" ", words) + ")"));
            } else if (!kinds.isEmpty()) {
                String actions = kinds.stream().map(kind -> kind.equals("files") ? "_files" : "_piimagesctl_" + kind)
                        .reduce((a, b) -> a + "; " + b).orElseThrow();
                String action = kinds.size() == 1 ? actions : "{" + actions + "}";
                places.append(' ').append(zshQuoted(place + ":" + parameter.paramLabel().replace("|", " or ") + ":" + action));
            }
        }
        return places.isEmpty() ? "" : places.substring(1);
    }

    private static String zshQuoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
