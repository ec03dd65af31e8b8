package org.example.piimages.cli.command.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
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
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests configure with a directory in place of a mounted image. */
class ConfigureCommandTest {

    private static final String IMAGE = "/org/example/PiImages/image/1";

    private final FakeBus bus = new FakeBus();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir
    Path directory;
    private Path root;

    @BeforeEach
    void image() throws IOException {
        root = directory.resolve("root");
        put("usr/lib/rpi-preseed/rpi-preseed", "");
        put("boot/firmware/cmdline.txt", "rootwait\n");
        bus.fail("GetImage", "org.example.PiImages.Error.NotMounted", "it is not mounted");
        bus.answer("MountImage", call -> new DBusPath(IMAGE));
        bus.answer("GetAll", call -> Map.of("MountPoint", new Variant<>(root.toString()), "ReadOnly", new Variant<>(false)));
        bus.answer("Unmount", call -> null);
    }

    private void put(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), text);
    }

    private int run(String... arguments) {
        PrintStream output = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Program(passFds -> bus, new FakeAuthentication(), output, errors).run(arguments);
    }

    private List<String> calls() {
        return bus.sent.stream().map(sent -> sent.call().member()).toList();
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Test
    void unmountsImageThatItMounted() throws IOException {
        assertEquals(ExitCode.OK, run("configure", "pi.img", "--hostname", "pi"), err::toString);
        // Not ListImages: a mount of a deleted file of the same name is another image.
        assertEquals(List.of("GetImage", "MountImage", "GetAll", "Unmount"), calls());
        assertTrue(Files.readString(root.resolve("boot/firmware/rpi-preseed.toml")).contains("hostname = 'pi'"));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("hostname: pi\n"), out::toString);
    }

    @Test
    void leavesMountedImageMounted() {
        bus.answer("GetImage", call -> new DBusPath(IMAGE));
        assertEquals(ExitCode.OK, run("configure", "pi.img", "--ssh"));
        assertEquals(List.of("GetImage", "GetAll"), calls());
    }

    @Test
    void showMountsReadOnlyAndUnmountsOnFailure() throws IOException {
        Files.delete(root.resolve("usr/lib/rpi-preseed/rpi-preseed"));
        assertEquals(ExitCode.FAILED, run("configure", "pi.img", "--show"));
        assertEquals(Map.of("read-only", new Variant<>(true)), bus.sent.get(1).call().arguments().get(1));
        assertEquals("Unmount", calls().get(calls().size() - 1));
        assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void combinesSettingsFileAndOptions() throws IOException {
        file("password", "correct-horse\nmore\n");
        file("me.pub", "# mine\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2cNu0zZ5Q5B1QMW5cxZdN4 me\n");
        String from = file("settings.toml", """
                hostname = "pi"
                user = "me"
                password-file = "password"
                ssh-key = ["me.pub"]
                enable = ["i2c", "spi"]
                ssh = false
                """);
        assertEquals(ExitCode.OK, run("configure", "pi.img", "--from", from, "--hostname", "other", "--json=short"), err::toString);
        String shown = out.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("\"hostname\":\"other\",\"user\":\"me\",\"password-hash\":\"set (SHA-512)\""), shown);
        assertTrue(shown.contains("\"enable\":[\"i2c\",\"spi\"]"), shown);
        assertTrue(!Files.readString(root.resolve("boot/firmware/rpi-preseed.toml")).contains("correct-horse"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "configure pi.img | 2 | no settings specified; specify one, or use --show",
        "configure pi.img --hostname a_b | 2 | --hostname: 'a_b' is not a valid host name",
        "configure pi.img --wifi-password-file x | 2 | specify it: --wifi-ssid NAME",
        "configure pi.img --user a --password-hash $y$abcdefghij --password-file x | 2 | are mutually exclusive",
        "configure pi.img --ssh-key /nowhere | 3 | --ssh-key: cannot read /nowhere: no such file",
        "configure pi.img --run-at-first-boot /etc/hostname | 2 | does not begin with #!"})
    void usageErrorMountsNothing(String line, int exitCode, String message) {
        assertEquals(exitCode, run(line.split(" ")));
        String output = err.toString(StandardCharsets.UTF_8);
        assertTrue(output.contains(message), output);
        assertEquals(1, output.lines().count());
        assertEquals(List.of(), bus.sent);
    }

    @Test
    void rejectsPasswordThatIsNotUtf8() throws IOException {
        Path password = Files.write(directory.resolve("password"), "caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(ExitCode.USAGE, run("configure", "pi.img", "--user", "me", "--password-file", password.toString()));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("is not UTF-8 text"), err::toString);
        assertEquals(List.of(), bus.sent);
    }

    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class})
    void reportsLackOfMemoryInOneLine(Class<? extends Error> kind) {
        bus.answer("GetAll", call -> {
            throw kind.equals(OutOfMemoryError.class) ? new OutOfMemoryError("Java heap space") : new StackOverflowError();
        });
        assertEquals(ExitCode.FAILED, run("configure", "pi.img", "--show"));
        String message = err.toString(StandardCharsets.UTF_8);
        assertTrue(message.contains("too large, or too deeply nested") && message.lines().count() == 1, message);
        assertEquals("Unmount", calls().get(calls().size() - 1));
    }

    @Test
    void cannotWriteToImageMountedReadOnly() {
        bus.answer("GetImage", call -> new DBusPath(IMAGE));
        bus.answer("GetAll", call -> Map.of("MountPoint", new Variant<>(root.toString()), "ReadOnly", new Variant<>(true)));
        assertEquals(ExitCode.BUSY, run("configure", "pi.img", "--ssh"));
        assertEquals(ExitCode.OK, run("configure", "pi.img", "--show"));
    }
}
