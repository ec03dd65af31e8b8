package org.example.piimages.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;

/** Shows text in a pager, which is selected as by the tools of systemd; see systemctl(1), "ENVIRONMENT". */
final class Pager {

    private static final List<List<String>> DEFAULT_PAGERS = List.of(List.of("less"), List.of("more"));

    private Pager() {
    }

    /** Returns the pagers to try, in order of preference; empty if the user has disabled the pager. */
    static List<List<String>> programs(Map<String, String> environment) {
        String chosen = environment.getOrDefault("SYSTEMD_PAGER", environment.get("PAGER"));
        if (chosen == null) {
            return DEFAULT_PAGERS;
        }
        String command = chosen.strip();
        return command.isEmpty() || command.equals("cat") ? List.of() : List.of(List.of(command.split("\\s+")));
    }

    /** Shows the text until the user quits the pager; returns false if there is no pager, and nothing was shown. */
    static boolean show(String text) {
        for (List<String> program : programs(System.getenv())) {
            try {
                Process pager = start(program);
                feed(pager, text);
                pager.waitFor();
                return true;
            } catch (IOException e) {
                // Not installed: try the next one.
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
        // The pager must not run commands: piimagesctl may have been started by sudo(8).
        environment.put("LESSSECURE", "1");
        return builder.start();
    }

    private static void feed(Process pager, String text) {
        try (OutputStream input = pager.getOutputStream()) {
            input.write(text.getBytes(Charset.defaultCharset()));
        } catch (IOException e) {
            // The user quit the pager before the end.
        }
    }
}
