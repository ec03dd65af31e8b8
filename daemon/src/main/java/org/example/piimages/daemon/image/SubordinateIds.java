package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The ranges of user numbers that users have for user namespaces of their own; subuid(5). */
public final class SubordinateIds {

    private static final Path FILE = Path.of("/etc/subuid");
    /** A name or number, the first of the range and how many. */
    private static final int FIELDS = 3;

    private static final Set<String> ROOT = Set.of("root", "0");

    private record Range(long first, long count) {

        /** Null for a line that says nothing, and for root's: containers of the system's, with others' users in them, as Incus has. */
        static Range of(String line) {
            String[] fields = line.strip().split(":", -1);
            try {
                return fields.length == FIELDS && !ROOT.contains(fields[0])
                        ? new Range(Long.parseLong(fields[1]), Long.parseLong(fields[2])) : null;
            } catch (NumberFormatException e) {
                return null;
            }
        }

        /** Whoever has root's number needs no other. */
        boolean has(long id) {
            return first > 0 && id >= first && id - first < count;
        }
    }

    private final List<Range> ranges;

    private SubordinateIds(List<Range> ranges) {
        this.ranges = ranges;
    }

    /** Those of lines of subuid(5). */
    static SubordinateIds of(List<String> lines) {
        return new SubordinateIds(lines.stream().map(Range::of).filter(Objects::nonNull).toList());
    }

    /** This host's, as they are now; none where there is no such file. */
    public static SubordinateIds ofHost() {
        try {
            return of(Files.readAllLines(FILE));
        } catch (IOException e) {
            // Neither has a host without subuid(5), and one whose file is unreadable gives no user such numbers.
            return of(List.of());
        }
    }

    /** One number for all that one person can be: the first of a range for each in it, any other number for itself. */
    public int account(int uid) {
        long id = Integer.toUnsignedLong(uid);
        return ranges.stream().filter(range -> range.has(id)).map(range -> (int) range.first()).findFirst().orElse(uid);
    }
}
