package org.example.piimages.daemon.machine.nspawn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.example.piimages.daemon.linux.process.UserNamespace;

/**
 * The range of user and group IDs of the host to which those of a machine are mapped.
 *
 * @param base the ID of the machine's root, the first of {@link #COUNT}
 */
public record UserRange(int base) {

    /** The number of IDs in a machine. */
    static final int COUNT = 65536;
    /** UID_MAPPED_ROOT of systemd, an ID that no image uses. */
    private static final int HOST_ROOT = Integer.MAX_VALUE - 1;
    private static final String ENTRY = "users";
    /** The end of the IDs that users, services and directory services have; higher IDs are not mapped. */
    private static final int MAX_RANGES = (int) UserNamespace.OTHERS_BASE;
    /** The maximum number of the caller's groups that are mapped: the kernel accepts 340 lines, and a user may be in more groups. */
    private static final int MAX_GROUPS = 256;

    /** Stores the range of a machine in its record; a record without one is that of a machine with the host's users. */
    public static void store(Optional<UserRange> range, Properties record) {
        range.ifPresent(own -> record.setProperty(ENTRY, String.valueOf(own.base())));
    }

    /**
     * Reads a stored range.
     *
     * @return empty if the machine has the host's users
     * @throws IllegalArgumentException if the value is not a number
     */
    public static Optional<UserRange> of(Properties record) {
        return Optional.ofNullable(record.getProperty(ENTRY)).map(base -> new UserRange(Integer.parseInt(base)));
    }

    /**
     * Returns the uid_map and gid_map of the image's own files. As with systemd-nspawn, files that the host's root creates belong to
     * {@link #HOST_ROOT} in the image until root changes their owner: this is how systemd-machined copies files into a machine.
     */
    String map() {
        return "0 " + base + " " + COUNT + "\n" + HOST_ROOT + " 0 1\n";
    }

    /**
     * Returns the uid_map of a bind mount, in which the caller is the machine's root.
     *
     * @param shared whether files of other users can be changed too, if their modes allow it to the machine's root, which has no
     *         capabilities over them. The kernel does not allow it for IDs without a mapping.
     */
    String userMap(int caller, boolean shared) {
        return shared ? everybody(caller) : Integer.toUnsignedString(caller) + " " + base + " 1\n";
    }

    /**
     * Returns the gid_map of a bind mount.
     *
     * @param group the group that becomes the machine's group root
     * @param groups the caller's gids
     * @param shared as in {@link #userMap}: files whose group is none of the caller's can then not be changed. Otherwise only the caller's
     *         own files can be changed, whatever their group.
     */
    String groupMap(int group, int[] groups, boolean shared) {
        if (!shared) {
            return everybody(group);
        }
        Map<Integer, Integer> map = new TreeMap<>();
        Arrays.stream(groups).filter(this::isOutside).limit(MAX_GROUPS).forEach(id -> map.put(id, mappedId(id)));
        map.put(group, base);
        StringBuilder text = new StringBuilder();
        map.forEach((id, to) -> text.append(Integer.toUnsignedString(id)).append(' ').append(Integer.toUnsignedString(to)).append(" 1\n"));
        return text.toString();
    }

    private boolean isOutside(int id) {
        return id >= 0 && id < MAX_RANGES && (id < base || id >= base + COUNT);
    }

    /**
     * Maps root to an ID that nobody has. systemd-nspawn runs as the host's root, which then has no ID in the bind mount: it cannot create
     * a file there even if it is tricked into trying.
     */
    private static int mappedId(int id) {
        return id == 0 ? MAX_RANGES : id;
    }

    private String everybody(int caller) {
        List<String> lines = new ArrayList<>();
        lines.add(Integer.toUnsignedString(caller) + " " + base + " 1");
        if (caller != 0) {
            lines.add("0 " + MAX_RANGES + " 1");
        }
        int from = 1;
        for (int[] gap : gaps(caller)) {
            addIdentity(lines, from, gap[0]);
            from = gap[1];
        }
        addIdentity(lines, from, MAX_RANGES);
        return String.join("\n", lines) + "\n";
    }

    /**
     * Returns the intervals that are not mapped to themselves, the caller and the range, in ascending order: each as its first ID and the
     * one after its last.
     */
    private List<int[]> gaps(int caller) {
        int[] range = {base, base + COUNT};
        if (!isOutside(caller) || caller == 0) {
            return List.of(range);
        }
        int[] one = {caller, caller + 1};
        return caller < base ? List.of(one, range) : List.of(range, one);
    }

    private static void addIdentity(List<String> lines, int from, int to) {
        if (from < to) {
            lines.add(from + " " + from + " " + (to - from));
        }
    }
}
