package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a program of the host's says of its version. */
public final class ProgramVersion {

    private static final Pattern VERSION = Pattern.compile("version (\\d{1,4})\\.");
    private static final int SECONDS = 5;
    private static final int LIMIT = 4096;

    private ProgramVersion() {
    }

    /** The major version of an emulator that binfmt_misc runs; empty when it does not tell. */
    public static OptionalInt major(String program) {
        return parse(said(program, "--version"));
    }

    /** What the program at that path says to the option that asks for its version; empty when it cannot be run. */
    public static String said(String program, String option) {
        try {
            // By its own name: some are links whose names make them read their arguments as the kernel passes them.
            Process process = new ProcessBuilder(Path.of(program).toRealPath().toString(), option).redirectErrorStream(true).start();
            process.getOutputStream().close();
            // What it says is shorter than what a pipe holds: it need not be read meanwhile. Nobody waits for the end of the pipe, which
            // others may hold.
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            InputStream said = process.getInputStream();
            return new String(said.readNBytes(Math.min(said.available(), LIMIT)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    static OptionalInt parse(String said) {
        Matcher found = VERSION.matcher(said);
        return found.find() ? OptionalInt.of(Integer.parseInt(found.group(1))) : OptionalInt.empty();
    }
}
