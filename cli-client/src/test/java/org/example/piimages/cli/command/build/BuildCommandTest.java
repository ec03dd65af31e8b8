package org.example.piimages.cli.command.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.FakeAuthentication;
import org.example.piimages.cli.FakeBus;
import org.example.piimages.cli.Program;
import org.example.piimages.cli.failure.ExitCode;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests build and cache with a fake bus that performs the operations of the service. */
class BuildCommandTest {

    private final FakeBus bus = new FakeBus();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final String home = System.getProperty("user.home");
    @TempDir
    Path directory;

    @BeforeEach
    void service() throws IOException {
        System.setProperty("user.home", directory.toString());
        Files.writeString(directory.resolve("base.img"), "base");
        bus.answer("CopyImage", call -> copied(call.arguments()));
        bus.answer("GrowImage", call -> new DBusPath("/job/1"));
        bus.answer("Wait", call -> Map.of("size", new Variant<>(new UInt64(4))));
    }

    @AfterEach
    void home() {
        System.setProperty("user.home", home);
    }

    private static DBusPath copied(List<Object> arguments) {
        try {
            Files.copy(Path.of(arguments.get(0).toString()), Path.of(arguments.get(1).toString()));
            return new DBusPath("/job/1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int run(String... arguments) {
        PrintStream output = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Program(passFds -> bus, new FakeAuthentication(), output, errors).run(arguments);
    }

    private String recipe(String... lines) throws IOException {
        return Files.writeString(directory.resolve("pi.Pifile"), String.join("\n", lines)).toString();
    }

    @Test
    void buildsWithMethodsOfService() throws IOException {
        assertEquals(ExitCode.OK, run("--quiet", "build", recipe("FROM " + directory + "/base.img", "PUMP 1G")), err::toString);
        assertEquals("base", Files.readString(directory.resolve("pi.img")));
        List<String> members = bus.sent.stream().map(sent -> sent.call().member()).toList();
        assertEquals(List.of("CopyImage", "Wait", "GrowImage", "Wait"), members.subList(0, 4));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("pi.img: 4 B (1 step, 0 cached)"), out::toString);
        assertEquals(ExitCode.OK, run("cache", "remove"));
        assertEquals(ExitCode.OK, run("cache"));
        assertTrue(out.toString(StandardCharsets.UTF_8).endsWith("The cache is empty.\n"), out::toString);
    }

    @Test
    void dryRunListsStepsWithoutCalls() throws IOException {
        String recipe = recipe("FROM " + directory + "/base.img", "PUMP 1G");
        assertEquals(ExitCode.OK, run("--quiet", "build", "--dry-run", recipe), err::toString);
        assertEquals(List.of(), bus.sent);
        assertTrue(Files.notExists(directory.resolve("pi.img")));
        String output = out.toString(StandardCharsets.UTF_8);
        assertTrue(output.contains("pi.Pifile:2: PUMP 1G (to do)\n"), output);
        assertTrue(output.contains("pi.img: 1 step, 0 cached\n") && output.contains("nothing was changed"), output);
        assertEquals(ExitCode.OK, run("build", "--dry-run", "--json=short", recipe), err::toString);
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("\"plan\":["), out::toString);
    }

    @Test
    void reportsErrorOfServiceWithLine() throws IOException {
        bus.fail("GrowImage", "org.example.PiImages.Error.NoSpace", "no space for it");
        assertEquals(ExitCode.FAILED, run("--quiet", "build", recipe("FROM " + directory + "/base.img", "PUMP 1G")));
        assertTrue(err.toString(StandardCharsets.UTF_8).endsWith("pi.Pifile:2: PUMP 1G: no space for it\n"), err::toString);
        assertTrue(Files.notExists(directory.resolve("pi.img")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "build /none/Pifile | 3 | there is no recipe /none/Pifile",
        "build --target-step last x | 2 | --target-step requires a line number",
        "build --sha256 12 x | 2 | --sha256 requires the 64 hexadecimal digits",
        "build --cache-size much x | 2 | is not a valid size",
        "cache remove nothing | 3 | there is no entry 'nothing' in the cache",
        "cache polish | 2 | is not one of list, prune, remove"})
    void reportsUsageErrorInOneLine(String line, int exitCode, String message) {
        assertEquals(exitCode, run(line.split(" ")));
        String output = err.toString(StandardCharsets.UTF_8);
        assertTrue(output.contains(message), output);
        assertEquals(1, output.lines().count());
    }
}
