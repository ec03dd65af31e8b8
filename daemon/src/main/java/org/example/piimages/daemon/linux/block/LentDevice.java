package org.example.piimages.daemon.linux.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.AccessList;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileAttributes;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A loop device that a tool may open, which runs as a user that nobody else is: an entry of the access control list of the device's node
 * lets it, until this is closed. udev does not touch the list; it sets the group and the mode, which stay as they were.
 */
public final class LentDevice implements Closeable {

    private static final String ACCESS_LIST = "system.posix_acl_access";
    /** A list of ours has five entries; one that is longer is not. */
    private static final int LIMIT = 256;

    private final OpenFile file;
    private final Credentials who;

    private LentDevice(OpenFile file, Credentials who) {
        this.file = file;
        this.who = who;
    }

    /**
     * Lends a device. It is the caller's to close.
     *
     * @param readOnly whether it is only to be read
     */
    public static LentDevice of(LoopDevice device, boolean readOnly) throws IOException {
        Credentials who = Credentials.ofNobodyElse();
        OpenFile file = new OpenFile(Lookup.own(device.path(), readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR), !readOnly);
        boolean complete = false;
        try {
            byte[] list = AccessList.with(who.uid(), readOnly);
            Libc.call("fsetxattr", file.fd().number(), ACCESS_LIST, list, list.length, 0);
            complete = true;
            return new LentDevice(file, who);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "cannot let a tool open " + device.path() + ": " + e.reason()
                    + "; the kernel's /dev has no access control lists (CONFIG_TMPFS_POSIX_ACL)", e);
        } finally {
            if (!complete) {
                file.close();
            }
        }
    }

    /** Takes back what a daemon that was killed had lent. */
    public static void sweep() throws IOException {
        try (var devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path device : devices) {
                try {
                    takeBack("/dev/" + device.getFileName());
                } catch (ErrnoException e) {
                    // No node, or no list.
                }
            }
        }
    }

    /** Only a list of ours. */
    private static void takeBack(String node) throws ErrnoException {
        byte[] list = new byte[LIMIT];
        int length = (int) Libc.callLong("getxattr", node, ACCESS_LIST, list, list.length);
        if (AccessList.users(Arrays.copyOf(list, length)).stream().anyMatch(Credentials::isNobodyElse)) {
            Libc.call("removexattr", node, ACCESS_LIST);
        }
    }

    /** The open device, for {@code Command.input}. */
    public OpenFile file() {
        return file;
    }

    /** Whom the tool has to run as. */
    public Credentials who() {
        return who;
    }

    @Override
    public void close() {
        try {
            Libc.call("fremovexattr", file.fd().number(), ACCESS_LIST);
            // The list's mask has become the group's permissions.
            FileAttributes.setMode(file.fd(), file.status().mode());
        } catch (ErrnoException e) {
            // The device's node is gone, and its list with it.
        } finally {
            file.close();
        }
    }
}
