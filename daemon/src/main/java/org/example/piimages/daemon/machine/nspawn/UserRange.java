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
 * The users and groups of the host that stand for a machine's; pure.
 *
 * @param base the one that is root in the machine, the first of {@link #COUNT}
 */
public record UserRange(int base) {

    /** How many users a machine has. */
    static final int COUNT = 65536;
    /** UID_MAPPED_ROOT of systemd's, which no image uses. */
    private static final int HOST_ROOT = Integer.MAX_VALUE - 1;
    private static final String ENTRY = "users";
    /** Where ids end that people, services and directories have; what is above stays without a mapping. */
    private static final int MOST = (int) UserNamespace.OTHERS_BASE;
    /** The kernel takes 340 lines; a user may be in more groups than that. */
    private static final int MOST_GROUPS = 256;

    /** Writes a machine's range down; one that has none has the host's users. */
    public static void store(Optional<UserRange> range, Properties record) {
        range.ifPresent(own -> record.setProperty(ENTRY, String.valueOf(own.base())));
    }

    /** Reads it again. Throws IllegalArgumentException for what is no range. */
    public static Optional<UserRange> of(Properties record) {
        return Optional.ofNullable(record.getProperty(ENTRY)).map(base -> new UserRange(Integer.parseInt(base)));
    }

    /**
     * For uid_map and gid_map: the image's own ids. As systemd-nspawn maps them, what the host's root makes belongs to {@link #HOST_ROOT}
     * in the image until it gives it away: systemd-machined copies files into a machine so.
     */
    String map() {
        return "0 " + base + " " + COUNT + "\n" + HOST_ROOT + " 0 1\n";
    }

    /**
     * For uid_map, of what a caller binds: they are root in the machine.
     *
     * @param shared whether what belongs to others can be changed too, as far as its modes let the machine's root, who is a stranger to
     *     them. The kernel refuses that for ids that have no mapping.
     */
    String userMap(int caller, boolean shared) {
        return shared ? everybody(caller) : Integer.toUnsignedString(caller) + " " + base + " 1\n";
    }

    /**
     * For gid_map, of what a caller binds.
     *
     * @param group the one that stands for the machine's group root
     * @param groups all of the caller's
     * @param shared as in {@link #userMap}: what belongs to no group of the caller's cannot be changed then. Otherwise it is the caller's
     *     own, of whatever group.
     */
    String groupMap(int group, int[] groups, boolean shared) {
        if (!shared) {
            return everybody(group);
        }
        Map<Integer, Integer> map = new TreeMap<>();
        Arrays.stream(groups).filter(this::isOutside).limit(MOST_GROUPS).forEach(id -> map.put(id, elsewhere(id)));
        map.put(group, base);
        StringBuilder text = new StringBuilder();
        map.forEach((id, to) -> text.append(Integer.toUnsignedString(id)).append(' ').append(Integer.toUnsignedString(to)).append(" 1\n"));
        return text.toString();
    }

    private boolean isOutside(int id) {
        return id >= 0 && id < MOST && (id < base || id >= base + COUNT);
    }

    /** Root is nobody here: systemd-nspawn is root, and nothing that it could be led to make in what is bound must come to be. */
    private static int elsewhere(int id) {
        return id == 0 ? MOST : id;
    }

    private String everybody(int caller) {
        List<String> lines = new ArrayList<>();
        lines.add(Integer.toUnsignedString(caller) + " " + base + " 1");
        if (caller != 0) {
            lines.add("0 " + MOST + " 1");
        }
        int from = 1;
        for (int[] gap : gaps(caller)) {
            addIdentity(lines, from, gap[0]);
            from = gap[1];
        }
        addIdentity(lines, from, MOST);
        return String.join("\n", lines) + "\n";
    }

    /** What is left out of the middle: the caller, and the range itself, each as its first and the one after its last; in order. */
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
