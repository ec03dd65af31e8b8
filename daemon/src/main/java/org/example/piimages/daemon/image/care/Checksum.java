package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.CallerImages;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.Credentials;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.RunningCommand;

/** The SHA-256 of a download, and the one that its publisher put beside it; both are 64 lower-case hexadecimal digits. */
final class Checksum {

    private static final int FILE_LIMIT = 64 * 1024;
    private static final Pattern LINE = Pattern.compile("(?m)^([0-9a-fA-F]{64})(?:[ \\t]+\\*?(.*))?$");

    private Checksum() {
    }

    /** Begins to sum a file up; sha256sum(1), which is five times as fast as Java without its optimizing compiler. */
    static RunningCommand begin(OpenFile file, Credentials who) throws IOException {
        return Command.of("sha256sum", "coreutils", who).with("--binary").input(file).start();
    }

    /** The sum, when all of the file was read. When the job is cancelled that is not waited for. */
    static String end(RunningCommand sum, Progress progress) throws IOException {
        progress.onCancel(sum::kill);
        RunningCommand.Ended ended = sum.await(ToolRun.LIMIT);
        progress.onCancel(null);
        progress.advance(0);
        String words = ended.requireSuccess().words();
        return LINE.matcher(words).results().findFirst().orElseThrow(() -> new IOException("sha256sum says " + words)).group(1);
    }

    /** What a file of the same name and .sha256 says, as sha256sum(1) writes it; empty when the user cannot read one or it names others. */
    static Optional<String> beside(ImageFile file, Credentials who) throws IOException {
        String name = file.path().substring(file.path().lastIndexOf('/') + 1);
        try (ImageFile list = CallerImages.open(file.path() + ".sha256", who, true)) {
            Matcher line = LINE.matcher(new String(list.file().readStart(FILE_LIMIT), StandardCharsets.UTF_8));
            while (line.find()) {
                String listed = line.group(2) == null ? name : line.group(2).strip();
                if (listed.substring(listed.lastIndexOf('/') + 1).equals(name)) {
                    return Optional.of(line.group(1).toLowerCase(Locale.ROOT));
                }
            }
            return Optional.empty();
        } catch (Failure failure) {
            if (failure.kind() == Failure.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure;
        }
    }
}
