package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * The status file of a process or thread; proc_pid_status(5). It begins with the name, which the process chooses. In it, the kernel escapes
 * newlines but not carriage returns, so only a newline ends a line.
 */
public final class ProcessStatus {

    private ProcessStatus() {
    }

    /** Reads the lines of a process or thread, given by its directory. */
    public static Stream<String> lines(Path process) throws IOException {
        return Arrays.stream(Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1).split("\n"));
    }
}
