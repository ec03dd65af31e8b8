package org.example.piimages.daemon.image.care;

import java.io.Closeable;
import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.file.CallerDirectory;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileAttributes;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;

/** A file that a job creates for a user. It has no name until it is complete, and never replaces another file. */
public final class NewFile implements Closeable {

    private static final int MODE_FOR_ALL = 0666;
    private static final int MODE_FOR_OWNER = 0600;

    private final String title;
    private final CallerDirectory directory;
    private OpenFile file;

    private NewFile(String title, CallerDirectory directory, OpenFile file) {
        this.title = title;
        this.directory = directory;
        this.file = file;
    }

    /**
     * Creates the file with the user's privileges.
     *
     * @param path the absolute path
     * @throws Failure INVALID_ARGUMENT if the path is not absolute or already exists; NOT_FOUND if the directory does not exist;
     *     ACCESS_DENIED if the user may not write to it
     */
    public static NewFile at(String path, Credentials credentials) throws IOException {
        String title = Printable.path(path);
        if (!path.startsWith("/") || path.endsWith("/") || path.indexOf('\0') >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is not the absolute path of a file");
        }
        try (Undo undo = new Undo()) {
            CallerDirectory directory = CallerDirectory.of(path, credentials);
            undo.add("close the directory of " + title, directory::close);
            if (directory.exists()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " already exists; remove it, or specify another name");
            }
            NewFile made = new NewFile(title, directory, directory.create());
            undo.commit();
            return made;
        } catch (Failure failure) {
            throw failure.getMessage().contains(title) ? failure
                    : new Failure(failure.kind(), title + ": " + failure.getMessage(), failure);
        } catch (ErrnoException e) {
            Failure.Kind kind = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR ? Failure.Kind.NOT_FOUND
                    : e.errno() == Errno.EACCES ? Failure.Kind.ACCESS_DENIED : Failure.Kind.FAILED;
            throw new Failure(kind, "cannot access the directory of " + title + ": " + e.reason(), e);
        }
    }

    public OpenFile file() {
        return file;
    }

    /**
     * Creates a file that can be passed to {@link #replaceDraft}; the caller closes it. Throws Failure like {@link CallerDirectory#create}.
     */
    public OpenFile draft() throws IOException {
        return directory.create();
    }

    /** Creates a scratch file, which the caller closes. Throws Failure like {@link CallerDirectory#create}. */
    public OpenFile scratch() throws IOException {
        return directory.scratch();
    }

    /** Replaces the underlying file by a draft, and closes the previous one. */
    public void replaceDraft(OpenFile draft) {
        file.close();
        file = draft;
    }

    /** The path, printable for messages. */
    public String title() {
        return title;
    }

    /**
     * Syncs the complete file and links it to its name, with the permissions that the user's umask allows.
     *
     * @throws Failure BUSY if the name has been taken meanwhile
     */
    public void complete(JobImage jobImage) throws IOException {
        directory.link(file, MODE_FOR_ALL & ~jobImage.umask());
    }

    /** Like {@link #complete}, but grants no access to those who may not access the file that this one was made from. */
    public void completeAs(JobImage jobImage) throws IOException {
        directory.link(file, FileAttributes.modeOfCopy(jobImage.file().file(), file, jobImage.umask()));
    }

    /** Like {@link #complete}, but grants access only to the owner. */
    public void completeForOwner() throws IOException {
        directory.link(file, MODE_FOR_OWNER);
    }

    /** Removes the name again. */
    void unlink() throws IOException {
        directory.unlink(file);
    }

    @Override
    public void close() {
        file.close();
        directory.close();
    }
}
