package org.example.piimages.daemon.image.care;

import java.io.Closeable;
import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.file.CallerFolder;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileAttributes;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;

/** A file that a job makes for a user: without a name until it is complete, never in the place of another. */
public final class NewFile implements Closeable {

    private static final int FOR_ALL = 0666;
    private static final int FOR_OWNER = 0600;

    private final String title;
    private final CallerFolder folder;
    private OpenFile file;

    private NewFile(String title, CallerFolder folder, OpenFile file) {
        this.title = title;
        this.folder = folder;
        this.file = file;
    }

    /**
     * Makes it with the user's rights.
     *
     * @param path absolute
     * @throws Failure INVALID_ARGUMENT when the name is taken or no absolute path, NOT_FOUND when there is no such folder, ACCESS_DENIED
     */
    public static NewFile at(String path, Credentials who) throws IOException {
        String title = Printable.path(path);
        if (!path.startsWith("/") || path.endsWith("/") || path.indexOf('\0') >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is not the absolute path of a file");
        }
        try (Undo undo = new Undo()) {
            CallerFolder folder = CallerFolder.of(path, who);
            undo.add("close the directory of " + title, folder::close);
            if (folder.isTaken()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " already exists; remove it, or specify another name");
            }
            NewFile made = new NewFile(title, folder, folder.create());
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

    /** Makes a file that {@link #put} may be asked to take, which the caller closes; throws Failure as {@link CallerFolder#create}. */
    public OpenFile draft() throws IOException {
        return folder.create();
    }

    /** Makes a file to work in, which the caller closes; throws Failure as {@link CallerFolder#create}. */
    public OpenFile scratch() throws IOException {
        return folder.scratch();
    }

    /** Lets a draft be this file from now on, and closes what was this before. */
    public void put(OpenFile draft) {
        file.close();
        file = draft;
    }

    /** The path for a message. */
    public String title() {
        return title;
    }

    /** Gives it its name, for whoever their umask lets use it; it is complete and on the disk then. */
    public void complete(Subject subject) throws IOException {
        folder.link(file, FOR_ALL & ~subject.umask());
    }

    /** The same, for nobody who may not use the file that it was made from. */
    public void completeAs(Subject subject) throws IOException {
        folder.link(file, FileAttributes.modeOfCopy(subject.file().file(), file, subject.umask()));
    }

    /** The same, for its owner alone. */
    public void completeForOwner() throws IOException {
        folder.link(file, FOR_OWNER);
    }

    /** Takes the name away again. */
    void withdraw() throws IOException {
        folder.unlink(file);
    }

    @Override
    public void close() {
        file.close();
        folder.close();
    }
}
