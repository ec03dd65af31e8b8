package org.example.piimages.cli.completion;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.example.piimages.cli.CommandTree;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Generates the completion script for bash. The one that picocli can generate has a thousand lines, and does not complete machines and
 * images.
 */
final class BashCompletion {

    /** The part that does not depend on the commands; it uses the variables and functions that are generated from them. */
    private static final String SCRIPT = """
            # Completes piimagesctl in bash. Names are asked of the service, in whose words they are.
            _piimagesctl_names() { # KIND
                case $1 in
                    machines) piimagesctl --no-legend machines | sed 's/ .*//' ;;
                    jobs) piimagesctl --no-legend jobs | sed 's/ .*//' ;;
                    cpus) piimagesctl --no-legend interpreters | sed 's/ .*//' ;;
                    mounted) piimagesctl --no-legend list | sed 's/  .*//' ;;
                    files) compgen -f -- "$2" ;;
                esac 2>/dev/null
            }

            # _piimagesctl_reply WORDS KIND...: those of the words, and of the names, that begin as what is typed.
            _piimagesctl_reply() {
                local kind
                mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"
                    for kind in "${@:2}"; do
                        _piimagesctl_names "$kind" "$word" | while IFS= read -r name; do
                            if [[ $name == "$word"* ]]; then printf '%s\\n' "$name"; fi
                        done
                    done)
                if (( $# > 1 )); then compopt -o filenames; fi
            }

            # Bash takes "--json=short" for three words.
            _piimagesctl() {
                local word=${COMP_WORDS[COMP_CWORD]} command='' place=0 option='' i
                for (( i = 1; i < COMP_CWORD; i++ )); do
                    case ${COMP_WORDS[i]} in
                        = | --) ;;
                        -*)
                            [[ $_piimagesctl_own != *" $command "* ]] || (( place == 0 )) || continue
                            option=${COMP_WORDS[i]}
                            if [[ $_piimagesctl_valued == *" $option "* ]]; then
                                if [[ ${COMP_WORDS[i + 1]} == = ]]; then i=$((i + 1)); fi
                                i=$((i + 1))
                            fi
                            ;;
                        *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else place=$((place + 1)); fi ;;
                    esac
                done
                if (( i > COMP_CWORD )); then
                    if [[ $word == = ]]; then word=''; fi
                    _piimagesctl_value "$option"
                elif [[ $word == -* ]]; then
                    _piimagesctl_options "$command"
                else
                    _piimagesctl_words "$command" $((place + 1))
                fi
            }

            complete -F _piimagesctl piimagesctl
            """;

    private final CommandSpec program = CommandTree.complete().getCommandSpec();
    private final StringBuilder out = new StringBuilder();

    private BashCompletion() {
    }

    /** Returns the script. */
    static String script() {
        BashCompletion completion = new BashCompletion();
        completion.lists();
        completion.values();
        completion.options();
        completion.words();
        return SCRIPT + completion.out;
    }

    private List<CommandSpec> commands() {
        return program.subcommands().values().stream().map(CommandLine::getCommandSpec).toList();
    }

    private Set<OptionSpec> allOptions() {
        Set<OptionSpec> options = new LinkedHashSet<>(program.options());
        commands().forEach(command -> options.addAll(command.options()));
        return options;
    }

    private void lists() {
        Set<String> valued = new LinkedHashSet<>();
        allOptions().stream().filter(option -> option.arity().max() > 0).forEach(option -> valued.addAll(List.of(option.names())));
        // The words after the image are those of another command.
        List<String> own = commands().stream().filter(command -> command.parser().stopAtPositional()).map(CommandSpec::name).toList();
        out.append("\n# Options with a value; commands whose arguments end with a command line of their own.\n");
        out.append("_piimagesctl_valued=' ").append(String.join(" ", valued)).append(" '\n");
        out.append("_piimagesctl_own=' ").append(String.join(" ", own)).append(" '\n");
    }

    private void values() {
        out.append("\n_piimagesctl_value() { # OPTION\n    case $1 in\n");
        Set<String> seen = new LinkedHashSet<>();
        for (OptionSpec option : allOptions()) {
            List<String> candidates = Completion.candidates(option);
            if (!candidates.isEmpty() && seen.add(option.longestName())) {
                branch(String.join(" | ", option.names()), String.join(" ", candidates), List.of());
            }
        }
        branch("*", "", List.of("files"));
        out.append("    esac\n}\n");
    }

    private void options() {
        out.append("\n_piimagesctl_options() { # COMMAND\n    case $1 in\n");
        commands().forEach(command -> branch(command.name(), names(command), List.of()));
        branch("*", names(program), List.of());
        out.append("    esac\n}\n");
    }

    private static String names(CommandSpec command) {
        List<String> names = new ArrayList<>();
        command.options().forEach(option -> names.add(option.longestName()));
        return String.join(" ", names);
    }

    private void words() {
        out.append("\n_piimagesctl_words() { # COMMAND PLACE\n    case $1:$2 in\n");
        branch(":*", String.join(" ", program.subcommands().keySet()), List.of());
        for (CommandSpec command : commands()) {
            int place = 0;
            for (PositionalParamSpec parameter : command.positionalParameters()) {
                List<String> kinds = Completion.kinds(parameter);
                List<String> words = Completion.words(parameter);
                place++;
                if (!kinds.isEmpty() || !words.isEmpty()) {
                    branch(command.name() + ":" + place, String.join(" ", words), kinds);
                }
            }
            if (command.parser().stopAtPositional()) {
                branch(command.name() + ":*", "", List.of("files"));
            }
        }
        out.append("    esac\n}\n");
    }

    private void branch(String pattern, String words, List<String> kinds) {
        out.append("        ").append(pattern).append(") _piimagesctl_reply '").append(words).append("' ").append(String.join(" ", kinds))
                .append(" ;;\n");
    }
}
