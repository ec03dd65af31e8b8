package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.checksum.HashFunction;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Computes checksums, in lower-case hexadecimal digits, with coreutils: five times as fast as Java without its optimizing compiler. */
public final class Checksum {

    private static final Pattern SUM = Pattern.compile("^([0-9a-f]{32,128}) ");

    private Checksum() {
    }

    /** Starts computing the checksum of a file. */
    static RunningCommand begin(HashFunction function, OpenFile file, Credentials credentials) throws IOException {
        return Command.of(function.program(), "coreutils", credentials).with("--binary").input(file).start();
    }

    /** Starts computing the checksum of the bytes that will be written to the command's input; they are from or for {@code file}. */
    public static RunningCommand beginForInput(HashFunction function, OpenFile file, Credentials credentials) throws IOException {
        return Command.of(function.program(), "coreutils", credentials).with("--binary").inputFromPipe(file).start();
    }

    /** Waits for the checksum and returns it. If the job is cancelled, the tool is killed and a CancellationException is thrown. */
    public static String end(RunningCommand sum, Progress progress) throws IOException {
        progress.onCancel(sum::kill);
        RunningCommand.Ended ended = sum.await(ToolRun.LIMIT);
        progress.onCancel(null);
        progress.advance(0);
        return sum(ended);
    }

    /** Computes the checksum of a file, and reports the progress. */
    static String of(HashFunction function, OpenFile file, Credentials credentials, Progress progress) throws IOException {
        Command command = Command.of(function.program(), "coreutils", credentials).with("--binary").input(file);
        return sum(ToolRun.measured(command, progress, () -> {}));
    }

    /** Parses the output of the tool. Throws Failure FAILED if the tool failed. */
    static String sum(RunningCommand.Ended ended) throws IOException {
        String words = ended.requireSuccess().output();
        Matcher matcher = SUM.matcher(words);
        if (!matcher.find()) {
            throw new IOException(ended.name() + " says " + words);
        }
        return matcher.group(1);
    }
}
