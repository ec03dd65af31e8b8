package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * Whether a process means the files that this one means by the same names: it has to see the same mounts, before a name is looked up and
 * after. The descriptor on its folder of proc(5) stands for that process alone: when another gets its number, it leads nowhere.
 */
final class CallerMounts implements Closeable {

    private static final Path OWN = Path.of("/proc/self/ns/mnt");
    private static final int LINK_LIMIT = 64;

    private final Fd process;

    private CallerMounts(Fd process) {
        this.process = process;
    }

    /**
     * The mounts of a process, which are this one's too at the moment.
     *
     * @param pid the process's number; 0 where it is not known
     * @param uid whose process it has to be, as it was when it connected; root's may have become anybody's
     * @throws Failure ACCESS_DENIED when it sees others, has ended, is somebody else's, or is not known
     */
    static CallerMounts of(long pid, int uid) {
        CallerMounts mounts;
        try {
            mounts = new CallerMounts(Lookup.own("/proc/" + pid, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY));
        } catch (ErrnoException e) {
            throw unknown(e);
        }
        boolean same = false;
        try {
            mounts.requireOwner(uid);
            mounts.requireSame();
            same = true;
            return mounts;
        } finally {
            if (!same) {
                mounts.close();
            }
        }
    }

    /** Linux keeps the user with each thread, and a server that acts for others may connect as one of them in a thread of its own. */
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

    /** Whether a process or thread has that user's number; false for a thread that has ended meanwhile. */
    private static boolean belongsTo(int uid, Path task) throws IOException {
        try (Stream<String> status = Files.lines(task.resolve("status"), StandardCharsets.ISO_8859_1)) {
            return status.filter(line -> line.startsWith("Uid:")).flatMap(line -> Arrays.stream(line.split("\\s+")).skip(1))
                    .anyMatch(id -> Integer.parseUnsignedInt(id) == uid);
        } catch (NoSuchFileException e) {
            return false;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Throws Failure ACCESS_DENIED when the process sees other mounts now, or has ended. */
    void requireSame() {
        byte[] target = new byte[LINK_LIMIT];
        try {
            int length = (int) Libc.callLong("readlinkat", process.number(), "ns/mnt", target, target.length);
            if (!Files.readSymbolicLink(OWN).toString().equals(new String(target, 0, length, StandardCharsets.US_ASCII))) {
                throw new Failure(Failure.Kind.ACCESS_DENIED,
                        "your mount namespace differs from that of piimagesd, so the same name may refer to another file");
            }
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    /** ENOENT and ESRCH are what proc(5) says of a process that has ended; all else is a reason of its own. */
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
