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
 * The entries of a list of operating systems, including those of lists that it refers to.
 *
 * @param list the file or URL of the list
 * @param entries the available downloads
 * @param gaps what was omitted and why, one line each
 */
public record OsListing(String list, List<OsEntry> entries, List<String> gaps) {

    private static final int MAX_NAMED = 12;

    /**
     * Returns the entry with this name or URL; if there is none, the one whose name matches ignoring case; if there is none, the one whose
     * path of groups and name contains the text.
     *
     * @throws BuildException if no entry matches, or several do
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

    /** Returns the matching entries, each URL once: lists have the same download in several groups. */
    private Collection<OsEntry> found(Predicate<OsEntry> test) {
        Map<String, OsEntry> found = new LinkedHashMap<>();
        entries.stream().filter(test).forEach(entry -> found.putIfAbsent(entry.address(), entry));
        return found.values();
    }

    private BuildException ambiguous(String name, Collection<OsEntry> found) {
        boolean areDistinct = found.stream().map(OsEntry::path).distinct().count() == found.size();
        List<String> names = new ArrayList<>(found.stream().limit(MAX_NAMED)
                .map(entry -> "'" + (areDistinct ? entry.path() : entry.address()) + "'").toList());
        if (found.size() > MAX_NAMED) {
            names.add("and " + (found.size() - MAX_NAMED) + " more");
        }
        return BuildException.request("'" + name + "' is ambiguous in the list " + list + "; specify one of " + String.join(", ", names));
    }
}
