package org.example.piimages.daemon.linux.process;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.OpenFlags;

/**
 * A user namespace that exists only for its id mapping, and is kept by its descriptor; user_namespaces(7).
 *
 * <p>Creating one requires a separate process, because only a process with a single thread may unshare its user namespace. That process
 * ends as soon as the descriptor is open.
 */
public final class UserNamespace implements Closeable {

    /**
     * The base of the host's user ids for the other users of an image: user N appears as this plus N. systemd reserves this range for the
     * files of foreign images, and no distribution assigns it; "Users, Groups, UIDs and GIDs on systemd Systems".
     */
    public static final long OTHERS_BASE = 0x7FFE0000L;
    private static final int OTHERS_COUNT = 65535;

    /** The number of namespaces that are kept. Each is a descriptor, and one user can call with as many groups as subgid(5) grants. */
    static final int CACHE_SIZE = 64;
    /** The namespaces that are kept, by owner; the least recently used is the first. */
    private static final Map<String, UserNamespace> CACHE = new LinkedHashMap<>(CACHE_SIZE, 0.75f, true);

    private final Fd fd;

    private UserNamespace(Fd fd) {
        this.fd = fd;
    }

    /**
     * Returns the namespace that maps the root of an image to this user, for the caller to close. The most recently used namespaces are
     * kept.
     */
    public static UserNamespace forOwner(int uid, int gid) throws IOException {
        String key = uid + ":" + gid;
        synchronized (CACHE) {
            UserNamespace cached = CACHE.get(key);
            if (cached != null) {
                return cached.copy();
            }
        }
        // Outside of the lock, so that no thread waits for the namespace of another owner.
        UserNamespace made = of(mapping(uid), mapping(gid));
        try {
            keep(key, made.copy());
            return made;
        } catch (ErrnoException e) {
            made.close();
            throw e;
        }
    }

    private static void keep(String key, UserNamespace namespace) {
        synchronized (CACHE) {
            UserNamespace previous = CACHE.put(key, namespace);
            if (previous != null) {
                previous.close();
            }
            if (CACHE.size() > CACHE_SIZE) {
                Iterator<UserNamespace> entries = CACHE.values().iterator();
                entries.next().close();
                entries.remove();
            }
        }
    }

    private UserNamespace copy() throws ErrnoException {
        return new UserNamespace(fd.copy());
    }

    private static String mapping(int id) {
        return "0 " + Integer.toUnsignedString(id) + " 1\n1 " + (OTHERS_BASE + 1) + " " + OTHERS_COUNT + "\n";
    }

    /** Creates a namespace with these maps, in the format of uid_map and gid_map in user_namespaces(7); for the caller to close. */
    public static UserNamespace of(String uidMap, String gidMap) throws IOException {
        // The shell prints a line when it is in its namespace, and exits when its standard input ends.
        Process process = new ProcessBuilder("/usr/bin/unshare", "--user", "--", "/bin/sh", "-c", "echo; read line")
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            if (process.getInputStream().read() < 0) {
                throw new IOException("unshare --user failed; check whether the kernel allows user namespaces");
            }
            Path proc = Path.of("/proc", String.valueOf(process.pid()));
            Files.writeString(proc.resolve("uid_map"), uidMap);
            Files.writeString(proc.resolve("gid_map"), gidMap);
            return new UserNamespace(Lookup.trusted(proc.resolve("ns/user").toString(), OpenFlags.O_RDONLY));
        } finally {
            process.getOutputStream().close();
        }
    }

    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
