package org.example.piimages.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteHostTest {

    private static String remote(String... arguments) {
        String host = CommandTree.of(List.of(arguments)).parseArgs(arguments).matchedOptionValue("--host", null);
        List<String> line = RemoteHost.of(host, arguments).commandLine(false);
        assertEquals(List.of("ssh", "--", "pi@host"), line.subList(0, 3));
        assertEquals(4, line.size());
        assertTrue(line.get(3).startsWith("env PIIMAGES_REMOTE=1 piimagesctl "));
        return line.get(3).substring("env PIIMAGES_REMOTE=1 ".length());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-H pi@host list | piimagesctl list",
        "-Hpi@host list | piimagesctl list",
        "--host=pi@host -q list --json short | piimagesctl -q list --json short",
        "-qH pi@host list | piimagesctl -q list",
        "-qHpi@host list | piimagesctl -q list",
        "--json short --host pi@host list | piimagesctl --json short list",
        "-H pi@host run pi.img -- ssh -H other | piimagesctl run pi.img -- ssh -H other"})
    void removesOnlyItsOption(String line, String expected) {
        assertEquals(expected, remote(line.split(" ")));
    }

    @Test
    void quotesWordsForRemoteShell() {
        assertEquals("piimagesctl run 'my image.img' -- sh -c 'echo \"$HOME\" '\\''x'\\'';' ''",
                remote("-H", "pi@host", "run", "my image.img", "--", "sh", "-c", "echo \"$HOME\" 'x';", ""));
    }

    @Test
    void requestsTerminalIfThereIsOne() {
        assertEquals(List.of("ssh", "-t", "--", "h", "piimagesctl shell pi.img"),
                RemoteHost.of("h", "-H", "h", "shell", "pi.img").commandLine(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-oProxyCommand=x"})
    void rejectsHostThatLooksLikeOption(String name) {
        assertEquals(ExitCode.USAGE, assertThrows(CommandFailure.class, () -> RemoteHost.of(name, "list")).exitCode());
    }

    @Test
    void isNullWithoutOption() {
        assertNull(RemoteHost.of(null, "list"));
    }
}
