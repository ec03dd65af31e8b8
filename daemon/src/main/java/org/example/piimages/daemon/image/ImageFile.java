package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.LoopDevice;
import org.example.piimages.daemon.linux.OpenFile;

/** An image file that is open with its owner's rights. From here on it is this descriptor; its path is only what people call it. */
public final class ImageFile implements ByteSource, Closeable {

    private final OpenFile file;
    private final String path;

    /**
     * Takes over the open file.
     *
     * @param path what the caller called it
     * @throws Failure INVALID_IMAGE when it is not a regular file; it is closed then
     */
    public ImageFile(OpenFile file, String path) {
        this.file = file;
        this.path = path;
        if (!file.status().isRegularFile()) {
            file.close();
            throw new Failure(Failure.Kind.INVALID_IMAGE, title() + " is " + file.status().kind() + ", not an image file");
        }
    }

    /** What the caller called it. */
    public String path() {
        return path;
    }

    /** The path for a message. */
    public String title() {
        return Printable.path(path);
    }

    /** The open file. */
    public OpenFile file() {
        return file;
    }

    /** Whether the image can be changed through this descriptor. */
    public boolean isWritable() {
        return file.isWritable();
    }

    /** The file's identity, the same by whatever path or link it was reached. */
    public String identity() {
        return file.status().identity();
    }

    /**
     * Takes the file for a mount or a job: nobody else may write to it, no loop device of others, no program that locks it.
     *
     * @param readOnly whether others may read it at the same time
     * @throws Failure BUSY
     */
    void claim(boolean readOnly) throws IOException {
        Optional<String> device = LoopDevice.over(file);
        if (device.isPresent()) {
            throw new Failure(Failure.Kind.BUSY, title() + " is in use: " + device.get()
                    + " is attached to it; see losetup --list and piimagesctl machines");
        }
        lock(readOnly);
    }

    /**
     * Locks it for as long as it is open, a loop device of it included.
     *
     * @throws Failure BUSY when somebody else has, or a job has put another file in its place since it was opened
     */
    void lock(boolean readOnly) throws IOException {
        if (!file.lock(!readOnly)) {
            throw new Failure(Failure.Kind.BUSY, title() + " is locked by another program or by a job; see lslocks and"
                    + " piimagesctl jobs");
        }
        if (file.isRemoved()) {
            throw new Failure(Failure.Kind.BUSY, title() + " was replaced or removed in the meantime; try again");
        }
    }

    @Override
    public long size() {
        return file.status().size();
    }

    @Override
    public void read(long offset, byte[] buffer) {
        try {
            file.read(offset, buffer);
        } catch (EOFException e) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the image was truncated while it was read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.FAILED, "cannot read the image: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
