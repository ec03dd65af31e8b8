package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Runs the tool of btrfs, btrfs-check(8), on a file that contains only the filesystem, with the privileges of the file's owner. */
final class BtrfsTools {

    private static final String PACKAGE = "btrfs-progs";
    private static final String TOOL = "btrfs";

    private BtrfsTools() {
    }

    /**
     * Requires the tool, to be called before anything is copied.
     *
     * @throws Failure UNSUPPORTED if it is not installed
     */
    static void requireInstalled(Credentials credentials) {
        Command.of(TOOL, PACKAGE, credentials);
    }

    /**
     * Checks the filesystem without changing it.
     *
     * @param title the name of the filesystem in the message
     * @throws Failure INVALID_IMAGE if it has errors
     */
    static void requireSound(OpenFile filesystem, String title, Credentials credentials, Progress progress) throws IOException {
        RunningCommand.Ended ended = ToolRun.of(Command.of(TOOL, PACKAGE, credentials).input(filesystem).with("check", "--readonly")
                .with(Command.INPUT), progress);
        if (ended.status() != 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, title + " has errors, so it is not resized; btrfs check: "
                    + ended.reason());
        }
    }
}
