package org.example.piimages.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

/** Tests that the program accepts every piimagesctl command in the documents and manual pages. */
class DocumentedCommandsTest {

    /** A command in a code block (four spaces), in backticks, or in an example of a manual page, up to a metacharacter of the shell. */
    private static final Pattern SHOWN = Pattern.compile("(?:^ {4}.*?|`)\\bpiimagesctl ([^`|;)<>&#\"]*)");
    /** The separator between a command and its explanation or another command on the same line. */
    private static final String COLUMN = " {2,}";
    private static final int MIN_COMMANDS = 30;

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Path.of("../README.md"), Path.of("../CONTRIBUTING.md"), Path.of("../CHANGELOG.md")));
        try (Stream<Path> files = Files.walk(Path.of("../docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    private static List<String> shown(Path document) throws IOException {
        List<String> commands = new ArrayList<>();
        for (String line : Files.readAllLines(document)) {
            Matcher matcher = SHOWN.matcher(line);
            while (matcher.find()) {
                commands.add(matcher.group(1).split(COLUMN)[0].strip());
            }
        }
        return commands;
    }

    /** Splits a command into words, without optional parts such as "[IMAGE]", and without "…". */
    private static String[] words(String command) {
        return Arrays.stream(command.replace("…", "").replaceAll("\\[[^]]*]", "").split(" +")).filter(word -> !word.isEmpty())
                .toArray(String[]::new);
    }

    private static String parseError(String command) {
        String[] words = words(command);
        if (words.length == 1 && CommandTree.complete().getSubcommands().containsKey(words[0])) {
            // The name of a command in a sentence.
            return "";
        }
        try {
            CommandTree.of(List.of(words)).parseArgs(words);
            return "";
        } catch (ParameterException e) {
            return "piimagesctl " + command + ": " + e.getMessage();
        }
    }

    @Test
    void parsesCommandsInDocuments() throws IOException {
        List<String> all = new ArrayList<>();
        for (Path document : documents()) {
            all.addAll(shown(document));
        }
        assertTrue(all.size() >= MIN_COMMANDS, all.toString());
        assertEquals("", all.stream().filter(command -> !command.contains("user@host")).map(DocumentedCommandsTest::parseError)
                .filter(text -> !text.isEmpty()).collect(Collectors.joining("\n")));
    }

    @Test
    void parsesExamplesOfManualPageAndHelp() throws IOException {
        String manual = Files.readString(Path.of("../docs/piimagesctl.1")).replace("\\-", "-");
        String examples = manual.substring(manual.indexOf(".SH EXAMPLES"), manual.indexOf(".SH \"SEE ALSO\""));
        List<String> lines = Stream.concat(examples.lines(), Arrays.stream(RootHelp.FOOTER)).toList();
        List<String> commands = lines.stream().map(Pattern.compile("\\bpiimagesctl ([^|;)\"]*)")::matcher).filter(Matcher::find)
                .map(found -> found.group(1).split(COLUMN)[0]).toList();
        assertTrue(commands.size() >= 8, commands.toString());
        assertEquals("", commands.stream().map(DocumentedCommandsTest::parseError).filter(text -> !text.isEmpty())
                .collect(Collectors.joining("\n")));
    }
}
