package org.example.piimages.cli.completion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.piimages.cli.CommandTree;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Tests that the scripts for each shell offer every command, and exactly the options, values and words that the program accepts. */
class CompletionTest {

    private static final String BASH = Completion.of("bash");
    private static final String FISH = Completion.of("fish");
    private static final String ZSH = Completion.of("zsh");

    private static List<CommandSpec> commands() {
        return CommandTree.complete().getSubcommands().values().stream().map(CommandLine::getCommandSpec).toList();
    }

    private static Set<String> longNames(CommandSpec command) {
        Set<String> names = new TreeSet<>();
        command.options().forEach(option -> names.add(option.longestName()));
        return names;
    }

    private static Set<String> found(String pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    /** Returns a function of the script for bash. */
    private static String bashFunction(String name) {
        int start = BASH.indexOf("\n" + name + "() {");
        return BASH.substring(start, BASH.indexOf("\n}\n", start));
    }

    /** Returns the words that a function of the script for bash offers if a pattern of its case command matches. */
    private static Set<String> bashWords(String function, String pattern) {
        return new TreeSet<>(Arrays.asList(String.join(" ", found("^ +" + Pattern.quote(pattern) + "\\) _piimagesctl_reply '([^']*)'",
                bashFunction(function))).split(" ")));
    }

    private static String zshSection(String command) {
        int start = ZSH.indexOf("\n  " + command + ")\n");
        return ZSH.substring(start, ZSH.indexOf("\n  ;;", start));
    }

    @Test
    void offersEveryCommand() {
        for (CommandSpec command : commands()) {
            assertTrue(bashWords("_piimagesctl_words", ":*").contains(command.name()), "bash: " + command.name());
            assertTrue(FISH.contains("-n __fish_use_subcommand -a " + command.name() + " "), "fish: " + command.name());
            assertTrue(ZSH.contains("\n    '" + command.name() + ":"), "zsh: " + command.name());
        }
    }

    @Test
    void offersExactlyOptionsOfCommand() {
        for (CommandSpec command : commands()) {
            Set<String> names = longNames(command);
            assertEquals(names, bashWords("_piimagesctl_options", command.name()), "bash: " + command.name());
            assertEquals(names, found("^complete -c piimagesctl -n '__fish_seen_subcommand_from " + command.name() + "'.*? -l ([a-z0-9-]+)",
                    FISH).stream().map(name -> "--" + name).collect(Collectors.toSet()), "fish: " + command.name());
            assertEquals(names, found("^ +'(--[a-z0-9-]+)=?\\[", zshSection(command.name())), "zsh: " + command.name());
        }
    }

    /** The script for bash identifies options only by name, independently of the command. */
    @Test
    void optionTakesValueInAllCommandsOrNone() {
        Set<String> valued = Set.of(found("^_piimagesctl_valued=' (.*) '$", BASH).iterator().next().split(" "));
        for (CommandSpec command : commands()) {
            for (OptionSpec option : command.options()) {
                for (String name : option.names()) {
                    assertEquals(option.arity().max() > 0, valued.contains(name), command.name() + " " + name);
                }
                String zsh = zshSection(command.name());
                assertEquals(option.arity().max() > 0, zsh.contains("'" + option.longestName() + "=["), command.name() + " " + zsh);
            }
        }
    }

    @Test
    void offersEnumeratedValues() {
        List<String> seen = new ArrayList<>();
        for (CommandSpec command : commands()) {
            for (OptionSpec option : command.options()) {
                List<String> candidates = Completion.candidates(option);
                assertFalse(candidates.isEmpty() && option.paramLabel().matches("\\w+(\\|\\w+)+"), option.longestName());
                if (!candidates.isEmpty()) {
                    seen.add(option.longestName());
                    assertEquals(new TreeSet<>(candidates), bashWords("_piimagesctl_value", String.join(" | ", option.names())));
                    assertTrue(FISH.contains(" -l " + option.longestName().substring(2) + " -x -a '" + String.join(" ", candidates) + "'"));
                    assertTrue(zshSection(command.name()).contains(":(" + String.join(" ", candidates) + ")'"), option.longestName());
                }
            }
        }
        assertTrue(seen.containsAll(List.of("--network", "--host-tools", "--json")), seen.toString());
    }

    @Test
    void offersEnumeratedWords() {
        assertEquals(Set.of("list", "prune", "remove"), bashWords("_piimagesctl_words", "cache:1"));
        for (CommandSpec command : commands()) {
            int place = 0;
            for (PositionalParamSpec parameter : command.positionalParameters()) {
                place++;
                List<String> words = Completion.words(parameter);
                if (!words.isEmpty()) {
                    assertEquals(new TreeSet<>(words), bashWords("_piimagesctl_words", command.name() + ":" + place));
                    assertTrue(FISH.contains("from " + command.name() + "' -a '" + String.join(" ", words) + "'"), command.name());
                    String zsh = "'" + place + ":word:(" + String.join(" ", words) + ")'";
                    assertTrue(zshSection(command.name()).contains(zsh), command.name());
                }
            }
        }
    }

    @Test
    void offersGlobalOptionsBeforeCommand() {
        Set<String> names = longNames(CommandTree.complete().getCommandSpec());
        assertEquals(names, bashWords("_piimagesctl_options", "*"));
        assertEquals(names, Stream.of(FISH.split("\n")).filter(line -> line.contains("-n __fish_use_subcommand "))
                .flatMap(line -> found(" -l ([a-z0-9-]+)", line).stream()).map(name -> "--" + name)
                .collect(Collectors.toSet()));
        assertEquals(names, found("^ +'(--[a-z0-9-]+)=?\\[", ZSH.substring(0, ZSH.indexOf("case $state"))));
    }
}
