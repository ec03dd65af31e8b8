package org.example.piimages.daemon.machine.guest;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/** Looks up a command in an image before it is started there, because an exit status alone does not tell that it was not found. */
public final class ProgramLookup {

    /** The PATH that systemd-nspawn sets. */
    private static final List<String> PATH = List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private ProgramLookup() {
    }

    /**
     * Requires a command to exist in the image.
     *
     * @param command a name, which is searched for in PATH, or a path with a slash
     * @param directory the directory in the image to which a relative path refers; empty for the root
     * @throws Failure COMMAND_NOT_FOUND if it does not exist, COMMAND_NOT_EXECUTABLE if it is not an executable file
     */
    public static void require(DirectoryTree tree, String command, String directory) throws IOException {
        if (command.contains("/")) {
            String path = command.startsWith("/") ? command : directory + "/" + command;
            requireExecutable(tree.status(path), command);
            return;
        }
        Optional<FileStatus> found = Optional.empty();
        for (String searched : PATH) {
            found = tree.status(searched + "/" + command);
            if (found.filter(status -> status.isRegularFile() && status.isExecutable()).isPresent()) {
                return;
            }
        }
        requireExecutable(found, command);
    }

    private static void requireExecutable(Optional<FileStatus> found, String command) {
        if (found.isEmpty()) {
            throw new Failure(Failure.Kind.COMMAND_NOT_FOUND, Printable.quoted(command) + " was not found in the image");
        }
        if (!found.get().isRegularFile() || !found.get().isExecutable()) {
            throw new Failure(Failure.Kind.COMMAND_NOT_EXECUTABLE, Printable.quoted(command) + " in the image is "
                    + (found.get().isRegularFile() ? "not executable" : found.get().kind()));
        }
    }
}
