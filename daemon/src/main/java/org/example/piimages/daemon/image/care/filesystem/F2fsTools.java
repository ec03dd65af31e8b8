package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Runs the tools of f2fs, fsck.f2fs(8) and resize.f2fs(8), on a file that contains only the filesystem, as the file's owner. */
final class F2fsTools {

    private static final String PACKAGE = "f2fs-tools";

    private F2fsTools() {
    }

    /**
     * Checks the filesystem without changing it.
     *
     * @throws Failure INVALID_IMAGE if it has errors
     */
    static void requireSound(OpenFile filesystem, Credentials credentials, Progress progress) throws IOException {
        RunningCommand.Ended ended = run("fsck.f2fs", filesystem, credentials, progress, "--dry-run");
        if (ended.status() != 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "its filesystem has errors, so it is not resized; fsck.f2fs: "
                    + ended.reason());
        }
    }

    /** Grows the filesystem to the size of its file. */
    static void resize(OpenFile filesystem, Credentials credentials, Progress progress) throws IOException {
        run("resize.f2fs", filesystem, credentials, progress).requireSuccess();
    }

    private static RunningCommand.Ended run(String tool, OpenFile filesystem, Credentials credentials, Progress progress, String... options)
            throws IOException {
        return ToolRun.of(Command.of(tool, PACKAGE, credentials).input(filesystem).with(options).with(Command.INPUT), progress);
    }
}
