package org.example.piimages.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;

/** Shows what is longer than the terminal, by the program that systemd's tools would take; systemctl(1), "ENVIRONMENT". */
final class Pager {

    private static final List<List<String>> USUAL = List.of(List.of("less"), List.of("more"));

    private Pager() {
    }

    /** The programs to try, the best first; none where the user wants none. */
    static List<List<String>> programs(Map<String, String> environment) {
        String chosen = environment.getOrDefault("SYSTEMD_PAGER", environment.get("PAGER"));
        if (chosen == null) {
            return USUAL;
        }
        String command = chosen.strip();
        return command.isEmpty() || command.equals("cat") ? List.of() : List.of(List.of(command.split("\\s+")));
    }

    /** Shows it until the user has had enough. False when there is no pager: nothing was shown then. */
    static boolean show(String text) {
        for (List<String> program : programs(System.getenv())) {
            try {
                Process pager = start(program);
                feed(pager, text);
                pager.waitFor();
                return true;
            } catch (IOException e) {
                // It is not installed: the next.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        }
        return false;
    }

    private static Process start(List<String> program) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program).redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
        Map<String, String> environment = builder.environment();
        environment.put("LESS", environment.getOrDefault("SYSTEMD_LESS", "FRSXMK"));
        environment.put("LESSCHARSET", environment.getOrDefault("SYSTEMD_LESSCHARSET", "utf-8"));
        // It shows what was made; it starts nothing, whoever sudo lets run piimagesctl.
        environment.put("LESSSECURE", "1");
        return builder.start();
    }

    private static void feed(Process pager, String text) {
        try (OutputStream input = pager.getOutputStream()) {
            input.write(text.getBytes(Charset.defaultCharset()));
        } catch (IOException e) {
            // The user left before the end.
        }
    }
}
