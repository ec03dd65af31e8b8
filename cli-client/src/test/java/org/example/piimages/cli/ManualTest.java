package org.example.piimages.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.cli.failure.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Tests that the manual page has exactly the commands, options and exit statuses of the program. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManualTest {

    private static final Pattern LONG_OPTION = Pattern.compile("--[a-z][a-z0-9-]*");

    private final CommandSpec program = CommandTree.complete().getCommandSpec();
    private final String manual = manual();

    private static String manual() {
        try {
            return Files.readString(Path.of("../docs/piimagesctl.1")).replace("\\-", "-").replaceAll("\\\\f.", "");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void documentsEveryCommandWithItsOptions() {
        for (CommandLine command : program.subcommands().values()) {
            String section = section(command.getCommandName());
            Set<String> own = options(command.getCommandSpec());
            own.removeAll(options(program));
            assertAll(own.stream().map(option -> () -> assertTrue(section.contains(option), command.getCommandName() + " " + option)));
        }
    }

    @Test
    void documentsEveryGlobalOption() {
        String section = manual.substring(manual.indexOf(".SH OPTIONS"), manual.indexOf(".SH \"EXIT STATUS\""));
        assertAll(options(program).stream().map(option -> () -> assertTrue(section.contains(option), option)));
    }

    @Test
    void documentsNoUnknownOption() {
        Set<String> known = options(program);
        program.subcommands().values().forEach(command -> known.addAll(options(command.getCommandSpec())));
        Set<String> named = new TreeSet<>();
        Matcher option = LONG_OPTION.matcher(manual);
        while (option.find()) {
            named.add(option.group());
        }
        named.removeAll(known);
        assertEquals(Set.of(), named);
    }

    @Test
    void documentsEveryExitStatus() {
        String section = manual.substring(manual.indexOf(".SH \"EXIT STATUS\""), manual.indexOf(".SH AUTHORISATION"));
        Arrays.stream(ExitCode.class.getDeclaredFields()).filter(field -> field.getType() == int.class).forEach(field -> {
            try {
                assertTrue(section.contains(".B " + field.getInt(null) + "\n"), field.getName());
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        });
    }

    private String section(String command) {
        String header = "^\\.SS \"?" + command + "\\b";
        Matcher section = Pattern.compile(header + ".*?(?=^\\.S[SH] )", Pattern.MULTILINE | Pattern.DOTALL).matcher(manual);
        assertTrue(section.find(), "no section on " + command);
        return section.group();
    }

    private static Set<String> options(CommandSpec spec) {
        Set<String> names = new TreeSet<>();
        for (OptionSpec option : spec.options()) {
            names.addAll(Arrays.asList(option.names()));
        }
        return names;
    }
}
