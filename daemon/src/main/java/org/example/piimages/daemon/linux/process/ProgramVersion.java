package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Determines the versions of programs of the host. */
public final class ProgramVersion {

    private static final Pattern VERSION = Pattern.compile("version (\\d{1,4})\\.");
    private static final int TIMEOUT_SECONDS = 5;
    private static final int LIMIT = 4096;

    private ProgramVersion() {
    }

    /** The major version of an emulator that binfmt_misc runs; empty if it does not print one. */
    public static OptionalInt major(String program) {
        return parse(output(program, "--version"));
    }

    /**
     * Returns what a program prints for the option that asks for its version; empty if it cannot be run or takes longer than five seconds.
     */
    public static String output(String program, String option) {
        try {
            // Under its real name: some programs are links, under whose names they expect their arguments as the kernel passes them.
            Process process = new ProcessBuilder(Path.of(program).toRealPath().toString(), option).redirectErrorStream(true).start();
            process.getOutputStream().close();
            // The output fits into the pipe and need not be read meanwhile. The end of the pipe is not waited for, because other processes
            // may have it open.
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            InputStream output = process.getInputStream();
            return new String(output.readNBytes(Math.min(output.available(), LIMIT)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    static OptionalInt parse(String output) {
        Matcher version = VERSION.matcher(output);
        return version.find() ? OptionalInt.of(Integer.parseInt(version.group(1))) : OptionalInt.empty();
    }
}
