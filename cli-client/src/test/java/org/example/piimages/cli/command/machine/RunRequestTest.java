package org.example.piimages.cli.command.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.example.piimages.cli.CommandTree;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ImageFile;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParseResult;

class RunRequestTest {

    private static RunRequest parse(String... arguments) {
        ParseResult parsed = CommandTree.of(List.of(arguments)).parseArgs(arguments).subcommand();
        return RunRequest.of(parsed, ImageFile.of(parsed.matchedPositionalValue(0, null)), parsed.matchedPositionalValue(1, List.of()));
    }

    @Test
    void commandIsEverythingAfterImage() {
        assertEquals(List.of("ls", "-l", "--", "--user"), parse("run", "pi.img", "--", "ls", "-l", "--", "--user").command());
        assertEquals(List.of("ls", "-l", "--help"), parse("run", "pi.img", "ls", "-l", "--help").command());
        assertEquals(List.of("a,b", "c d", "", "@x", "'q'"), parse("run", "pi.img", "--", "a,b", "c d", "", "@x", "'q'").command());
    }

    @Test
    void passesOptionsToCall() {
        Call call = parse("run", "--read-only", "--name", "n", "-E", "A=b=c", "--setenv=D=e f", "--directory", "/srv", "--user=pi",
                "/pi.img", "--", "id").call(-1, 0, "xterm");
        assertEquals("RunImage", call.member());
        assertEquals("sasa{sv}", call.signature());
        assertEquals("/pi.img", call.arguments().get(0));
        assertEquals(List.of("id"), call.arguments().get(1));
        Map<String, Variant<?>> expected = Map.of(
                "stdin", new Variant<>(new FileDescriptor(0)), "stdout", new Variant<>(new FileDescriptor(1)),
                "stderr", new Variant<>(new FileDescriptor(2)), "read-only", new Variant<>(true), "name", new Variant<>("n"),
                "environment", new Variant<>(List.of("A=b=c", "D=e f"), "as"), "directory", new Variant<>("/srv"),
                "user", new Variant<>("pi"));
        assertEquals(expected, call.arguments().get(2));
    }

    @Test
    void passesEachPrivilege() {
        Map<?, ?> options = (Map<?, ?>) parse("run", "--host-users", "--capability=CAP_A,CAP_B", "--capability", "CAP_C", "/pi.img", "id")
                .call(-1, 0, null).arguments().get(2);
        assertEquals(new Variant<>(true), options.get("host-users"));
        assertEquals(new Variant<>(List.of("CAP_A", "CAP_B", "CAP_C"), "as"), options.get("capabilities"));
    }

    @Test
    void passesTerminalType() {
        assertEquals(List.of("A=b", "TERM=xterm"), environment(parse("run", "-E", "A=b", "pi.img", "--", "x"), "xterm"));
        assertEquals(List.of("TERM=dumb"), environment(parse("run", "-E", "TERM=dumb", "pi.img", "--", "x"), "xterm"));
        assertNull(environment(parse("run", "pi.img", "--", "x"), null));
    }

    private static Object environment(RunRequest request, String terminalType) {
        Map<?, ?> options = (Map<?, ?>) request.call(0, 0, terminalType).arguments().get(2);
        assertTrue(options.containsKey("terminal"));
        Variant<?> environment = (Variant<?>) options.get("environment");
        return environment == null ? null : environment.getValue();
    }
}
