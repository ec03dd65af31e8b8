package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The ranges of subordinate user IDs that users have for their user namespaces; see subuid(5). */
public final class SubordinateIds {

    private static final Path FILE = Path.of("/etc/subuid");
    /** The fields of a line: user name or UID, first ID, number of IDs. */
    private static final int FIELDS = 3;

    private static final Set<String> ROOT = Set.of("root", "0");

    private record Range(long first, long count) {

        /**
         * Returns the range of a line; null for an invalid line and for root's ranges, which system containers such as those of Incus share
         * among different users.
         */
        static Range of(String line) {
            String[] fields = line.strip().split(":", -1);
            try {
                return fields.length == FIELDS && !ROOT.contains(fields[0])
                        ? new Range(Long.parseLong(fields[1]), Long.parseLong(fields[2])) : null;
            } catch (NumberFormatException e) {
                return null;
            }
        }

        /** Whether the ID is in the range. A range that starts at root's ID is ignored: whoever may use that needs no other. */
        boolean has(long id) {
            return first > 0 && id >= first && id - first < count;
        }
    }

    private final List<Range> ranges;

    private SubordinateIds(List<Range> ranges) {
        this.ranges = ranges;
    }

    /** Parses the lines of a subuid(5) file. */
    static SubordinateIds of(List<String> lines) {
        return new SubordinateIds(lines.stream().map(Range::of).filter(Objects::nonNull).toList());
    }

    /** Reads the ranges of this host as they are now; none if there is no readable file. */
    public static SubordinateIds ofHost() {
        try {
            return of(Files.readAllLines(FILE));
        } catch (IOException e) {
            // A host without the file has no ranges; with an unreadable file no user gets subordinate IDs either.
            return of(List.of());
        }
    }

    /** Returns one ID for all UIDs that a user controls: the first ID of the range that contains the UID, otherwise the UID itself. */
    public int account(int uid) {
        long id = Integer.toUnsignedLong(uid);
        return ranges.stream().filter(range -> range.has(id)).map(range -> (int) range.first()).findFirst().orElse(uid);
    }
}
