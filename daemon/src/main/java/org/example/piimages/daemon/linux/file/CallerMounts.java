package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * Verifies that a process means the same files as the daemon by the same names: it must see the same mounts, before and after a name is
 * looked up. The process is referenced by a descriptor of its directory of proc(5), which becomes stale when the process ends, even if its
 * number is reused.
 */
final class CallerMounts implements Closeable {

    private static final Path OWN_NAMESPACE = Path.of("/proc/self/ns/mnt");
    private static final int LINK_LIMIT = 64;

    private final Fd process;

    private CallerMounts(Fd process) {
        this.process = process;
    }

    /**
     * Checks that a process is in the daemon's mount namespace.
     *
     * @param pid the process id; 0 if unknown
     * @param uid the user as whom the process connected, which it must still be; a process of root may have become any user
     * @throws Failure ACCESS_DENIED if it is in another mount namespace, has ended, belongs to another user, or is unknown
     */
    static CallerMounts of(long pid, int uid) {
        CallerMounts mounts;
        try {
            mounts = new CallerMounts(Lookup.trusted("/proc/" + pid, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY));
        } catch (ErrnoException e) {
            throw unknown(e);
        }
        boolean verified = false;
        try {
            mounts.requireOwner(uid);
            mounts.requireSame();
            verified = true;
            return mounts;
        } finally {
            if (!verified) {
                mounts.close();
            }
        }
    }

    /**
     * Requires that the process or one of its threads runs as the user. In Linux, each thread has its own credentials, and a server that
     * acts for others may connect as one of them from a thread of its own.
     */
    private void requireOwner(int uid) {
        try {
            if (uid != 0 && !belongsTo(uid, Path.of(process.procPath())) && !anyThreadBelongsTo(uid)) {
                throw ended(null);
            }
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    private boolean anyThreadBelongsTo(int uid) throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of(process.procPath(), "task"))) {
            for (Path thread : threads) {
                if (belongsTo(uid, thread)) {
                    return true;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return false;
    }

    /** Whether a process or thread has this user id; false for a thread that has ended meanwhile. */
    private static boolean belongsTo(int uid, Path task) throws IOException {
        try {
            return ProcessStatus.lines(task).filter(line -> line.startsWith("Uid:"))
                    .flatMap(line -> Arrays.stream(line.split("\\s+")).skip(1))
                    .anyMatch(id -> Integer.parseUnsignedInt(id) == uid);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Throws Failure ACCESS_DENIED if the process is in another mount namespace now, or has ended. */
    void requireSame() {
        byte[] target = new byte[LINK_LIMIT];
        try {
            int length = (int) Libc.callLong("readlinkat", process.number(), "ns/mnt", target, target.length);
            if (!Files.readSymbolicLink(OWN_NAMESPACE).toString().equals(new String(target, 0, length, StandardCharsets.US_ASCII))) {
                throw new Failure(Failure.Kind.ACCESS_DENIED,
                        "your mount namespace differs from that of piimagesd, so the same name may refer to another file");
            }
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    /** The failure for an error of proc(5): ENOENT and ESRCH mean that the process has ended; any other error is reported as it is. */
    private static Failure unknown(IOException e) {
        boolean gone = e instanceof NoSuchFileException
                || e instanceof ErrnoException known && (known.errno() == Errno.ENOENT || known.errno() == Errno.ESRCH)
                || e.getMessage() != null && e.getMessage().contains("No such process");
        return gone ? ended(e)
                : new Failure(Failure.Kind.ACCESS_DENIED, "cannot determine the mount namespace of the calling process: " + e.getMessage(),
                        e);
    }

    private static Failure ended(Exception cause) {
        return new Failure(Failure.Kind.ACCESS_DENIED,
                "the calling process has exited, so the file cannot be looked up in its mount namespace",
                cause);
    }

    @Override
    public void close() {
        process.close();
    }
}
