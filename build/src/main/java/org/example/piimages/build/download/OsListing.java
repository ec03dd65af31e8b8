package org.example.piimages.build.download;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.example.piimages.build.failure.BuildException;

/**
 * All that a list of operating systems and those that it refers to have.
 *
 * @param list the list's file or address
 * @param entries what can be downloaded
 * @param gaps what was left out, and why, in a line each
 */
public record OsListing(String list, List<OsEntry> entries, List<String> gaps) {

    private static final int MOST_NAMED = 12;

    /**
     * The one entry that is meant: by its name or address; if there is none, by its name in another case; if there is none, by a part of
     * its name with those of its groups.
     *
     * @throws BuildException where there is none, or several
     */
    public OsEntry choose(String name) throws BuildException {
        String lower = name.toLowerCase(Locale.ROOT);
        List<Predicate<OsEntry>> tests = List.of(
                entry -> List.of(entry.name(), entry.path(), entry.address()).contains(name),
                entry -> entry.name().equalsIgnoreCase(name) || entry.path().equalsIgnoreCase(name),
                entry -> entry.path().toLowerCase(Locale.ROOT).contains(lower));
        for (Predicate<OsEntry> test : tests) {
            Collection<OsEntry> found = found(test);
            if (found.size() == 1) {
                return found.iterator().next();
            }
            if (!found.isEmpty()) {
                throw ambiguous(name, found);
            }
        }
        throw BuildException.notFound("there is no '" + name + "' in the list " + list + "; to show what it has: piimagesctl fetch " + list
                + gaps.stream().map(gap -> "; " + gap).collect(Collectors.joining()));
    }

    /** Lists have the same download in several groups. */
    private Collection<OsEntry> found(Predicate<OsEntry> test) {
        Map<String, OsEntry> found = new LinkedHashMap<>();
        entries.stream().filter(test).forEach(entry -> found.putIfAbsent(entry.address(), entry));
        return found.values();
    }

    private BuildException ambiguous(String name, Collection<OsEntry> found) {
        boolean areDistinct = found.stream().map(OsEntry::path).distinct().count() == found.size();
        List<String> names = new ArrayList<>(found.stream().limit(MOST_NAMED)
                .map(entry -> "'" + (areDistinct ? entry.path() : entry.address()) + "'").toList());
        if (found.size() > MOST_NAMED) {
            names.add("and " + (found.size() - MOST_NAMED) + " more");
        }
        return BuildException.request("'" + name + "' is ambiguous in the list " + list + "; specify one of " + String.join(", ", names));
    }
}
