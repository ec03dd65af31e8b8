package org.example.piimages.daemon.image.mount;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.example.piimages.daemon.linux.process.Processes;

/**
 * The user for whom an image is mounted.
 *
 * @param uid the user ID
 * @param gid the ID of the primary group
 */
public record Owner(int uid, int gid) {

    public boolean isRoot() {
        return uid == 0;
    }

    /**
     * Returns a process's groups with the primary one first; the bus reports them in ascending order. The process's own report counts only
     * for groups that the bus reports too, as the PID may belong to another process by now.
     */
    public static int[] primaryFirst(int[] groups, long pid) {
        int primary = Processes.group(pid).orElse(groups[0]);
        if (Arrays.stream(groups).noneMatch(group -> group == primary)) {
            return groups;
        }
        return IntStream.concat(IntStream.of(primary), Arrays.stream(groups).filter(group -> group != primary)).toArray();
    }
}
