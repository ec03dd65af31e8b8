package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Archive;
import org.example.piimages.build.image.Images;
import org.example.piimages.build.image.RootDirectory;

/**
 * A file or directory that is copied into an image.
 *
 * @param from the file or directory on the host
 * @param to the destination in the image
 * @param mode the permissions of the copy, in octal; null to keep those of the source
 */
record Installation(Path from, String to, String mode) implements Step.Action {

    private static final int OCTAL = 8;
    /** Arguments: $1 the destination, $2 the file name, $3 the mode of the source, $4 the requested mode or empty. */
    private static final String FILE = "t=$1; case $1 in */) t=$1$2 ;; *) if [ -d \"$1\" ]; then t=$1/$2; fi ;; esac"
            + "; cat >\"$t\" && chmod \"${4:-$3}\" \"$t\"";
    private static final String DIRECTORY = "{ [ -d \"$1\" ] || mkdir \"$1\"; } && tar -x -f - -C \"$1\""
            + " && { [ -z \"$4\" ] || chmod \"$4\" \"$1\"; }";

    /**
     * Copies with the rights of the calling process in the mounted image; if the permissions of a directory prevent that, as root of the
     * image.
     */
    @Override
    public int perform(Draft draft) throws BuildException {
        try {
            Path installed = new RootDirectory(draft.mounted()).install(from, to);
            if (mode != null && installed != null) {
                RootDirectory.setMode(installed, Integer.parseInt(mode, OCTAL));
            }
            return 0;
        } catch (AccessDeniedException e) {
            return inImage(draft);
        } catch (IOException e) {
            // chmod(2) on a file of another user fails with EPERM.
            if (e instanceof FileSystemException && String.valueOf(e.getMessage()).contains("Operation not permitted")) {
                return inImage(draft);
            }
            throw BuildException.failed(BuildException.reason(e));
        }
    }

    @Override
    public Step.Action withCopiedFiles(Path directory) throws IOException {
        return new Installation(FileCopy.tree(from, directory), to, mode);
    }

    private int inImage(Draft draft) throws BuildException {
        boolean isDirectory = Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS);
        Path input = from;
        try {
            if (isDirectory) {
                input = Archive.pack(from, draft.file().getParent());
            }
            String ownMode = Integer.toOctalString(RootDirectory.mode(from));
            List<String> command = List.of("sh", "-c", isDirectory ? DIRECTORY : FILE, "sh", to, from.getFileName().toString(), ownMode,
                    mode == null ? "" : mode);
            int status = draft.execute(new Images.Execution(draft.file(), command, List.of(), "/", input, null, null));
            if (isDirectory) {
                Files.delete(input);
            }
            return status;
        } catch (IOException e) {
            throw BuildException.failed(BuildException.reason(e));
        }
    }
}
