package org.example.piimages.cli.command.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.FakeAuthentication;
import org.example.piimages.cli.FakeBus;
import org.example.piimages.cli.Program;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.service.Call;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests fetch with a local server, and a fake bus that performs the operations of the service. */
class FetchCommandTest {

    private static final String SUM = "0123456789abcdef".repeat(4);

    private final FakeBus bus = new FakeBus();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final String home = System.getProperty("user.home");
    @TempDir
    Path directory;
    private HttpServer server;
    private String list;

    @BeforeEach
    void serve() throws IOException {
        System.setProperty("user.home", directory.toString());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write("base".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        String text = "{'os_list': [{'name': 'Other', 'subitems': [{'name': 'Pi\\u001b[31m', 'extract_size': 2097152, 'release_date':"
                + " '2026-11-24', 'devices': ['pi4-64bit', 'pi5-64bit'], 'url': 'http://127.0.0.1:" + server.getAddress().getPort()
                + "/pi.img.xz', 'extract_sha256': '" + SUM + "'}]}, {'subitems_url': '/etc/passwd'}]}";
        list = Files.writeString(directory.resolve("list.json"), text.replace('\'', '"')).toString();
        bus.answer("UnpackImage", call -> unpacked(call.arguments()));
        bus.answer("Wait", call -> Map.of("verified", new Variant<>(true)));
    }

    @AfterEach
    void stop() {
        System.setProperty("user.home", home);
        server.stop(0);
    }

    private static DBusPath unpacked(List<Object> arguments) {
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

    @Test
    void showsListWithoutService() {
        assertEquals(ExitCode.OK, run("fetch", list), err::toString);
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(List.of("NAME                SIZE   DOWNLOAD  RELEASED    DEVICES",
                "Other / Pi\\x1b[31m  2 MiB  -         2026-11-24  pi4-64bit pi5-64bit", "", "1 image listed."), lines);
        out.reset();
        assertEquals(ExitCode.OK, run("fetch", "--json=short", list));
        String json = out.toString(StandardCharsets.UTF_8);
        assertTrue(json.startsWith("[{\"name\":\"Pi\\u001b[31m\",\"groups\":[\"Other\"],\"url\":\"http://127.0.0.1:"), json);
        assertEquals(List.of(), bus.sent);
    }

    @Test
    void unpacksImageWithService() throws IOException {
        Path file = directory.resolve("pi.img");
        assertEquals(ExitCode.OK, run("fetch", "--dry-run", list, "pi", file.toString()), err::toString);
        String output = out.toString(StandardCharsets.UTF_8);
        assertTrue(output.contains("compared with: the checksums in the list (extract_sha256)\nDry run: nothing was changed.\n"), output);
        assertEquals(List.of(), bus.sent);
        assertEquals(ExitCode.OK, run("--quiet", "fetch", list, "pi", file.toString()), err::toString);
        assertEquals("base", Files.readString(file));
        Call call = bus.sent.get(0).call();
        assertEquals("UnpackImage", call.member());
        assertEquals(file.toString(), call.arguments().get(1));
        assertEquals(SUM, ((Variant<?>) ((Map<?, ?>) call.arguments().get(2)).get("sha256")).getValue());
        assertTrue(out.toString(StandardCharsets.UTF_8).endsWith(file + ": 4 B (verified: the checksums in the list (extract_sha256))\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "fetch | 2 | Missing required parameter: 'LIST|URL'",
        "fetch /none/list.json | 3 | cannot open /none/list.json: No such file or directory; specify a list or a URL",
        "fetch --sha256 12 x | 2 | --sha256 requires the 64 hexadecimal digits",
        "fetch --cache-size much x | 2 | is not a valid size",
        "fetch a b c d | 2 | unexpected argument 'd'",
        "fetch http://example.org/pi.img.xz | 2 | http does not authenticate the server"})
    void reportsUsageErrorInOneLine(String line, int exitCode, String message) {
        assertEquals(exitCode, run(line.split(" ")));
        String output = err.toString(StandardCharsets.UTF_8);
        assertTrue(output.contains(message), output);
        assertEquals(1, output.lines().count());
    }
}
