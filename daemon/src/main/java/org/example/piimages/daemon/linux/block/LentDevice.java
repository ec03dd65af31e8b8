package org.example.piimages.daemon.linux.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileAttributes;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.PosixAcl;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A loop device that a tool may open. The tool runs as a user of its own; until this object is closed, an entry of the access control list
 * of the device node grants that user access. udev does not change the list; it sets the group and the mode, which stay unchanged.
 */
public final class LentDevice implements Closeable {

    private static final String ACCESS_LIST = "system.posix_acl_access";
    /** The maximum size of a list in bytes. The lists set here have five entries; a longer one was not set here. */
    private static final int LIMIT = 256;

    private final OpenFile file;
    private final Credentials credentials;

    private LentDevice(OpenFile file, Credentials credentials) {
        this.file = file;
        this.credentials = credentials;
    }

    /**
     * Grants a new user access to a device, which the caller closes.
     *
     * @param readOnly whether only to read it
     */
    public static LentDevice of(LoopDevice device, boolean readOnly) throws IOException {
        Credentials credentials = Credentials.ofUnusedId();
        OpenFile file = new OpenFile(Lookup.trusted(device.path(), readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR), !readOnly);
        boolean complete = false;
        try {
            byte[] list = PosixAcl.forUser(credentials.uid(), readOnly);
            Libc.call("fsetxattr", file.fd().number(), ACCESS_LIST, list, list.length, 0);
            complete = true;
            return new LentDevice(file, credentials);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "cannot let a tool open " + device.path() + ": " + e.reason()
                    + "; the kernel's /dev has no access control lists (CONFIG_TMPFS_POSIX_ACL)", e);
        } finally {
            if (!complete) {
                file.close();
            }
        }
    }

    /** Revokes the access that a killed daemon had granted. */
    public static void sweep() throws IOException {
        try (var devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path device : devices) {
                try {
                    revoke("/dev/" + device.getFileName());
                } catch (ErrnoException e) {
                    // The device has no node, or its node has no list.
                }
            }
        }
    }

    /** Removes the list of a node if it was set by the daemon. */
    private static void revoke(String node) throws ErrnoException {
        byte[] list = new byte[LIMIT];
        int length = (int) Libc.callLong("getxattr", node, ACCESS_LIST, list, list.length);
        if (PosixAcl.users(Arrays.copyOf(list, length)).stream().anyMatch(Credentials::isUnusedId)) {
            Libc.call("removexattr", node, ACCESS_LIST);
        }
    }

    /** The open device, for {@code Command.input}. */
    public OpenFile file() {
        return file;
    }

    /** The user as whom the tool must run. */
    public Credentials credentials() {
        return credentials;
    }

    @Override
    public void close() {
        try {
            Libc.call("fremovexattr", file.fd().number(), ACCESS_LIST);
            // The mask of the list has become the permissions of the group.
            FileAttributes.setMode(file.fd(), file.status().mode());
        } catch (ErrnoException e) {
            // The device node no longer exists, nor does its list.
        } finally {
            file.close();
        }
    }
}
