package org.example.piimages.build.download;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.example.piimages.build.failure.BuildException;

/**
 * A list of operating systems in the format of Raspberry Pi Imager: for each download its URL and the checksum of the image in it. An entry
 * can be a group of further entries (subitems), or refer to another list (subitems_url).
 */
public final class OsList {

    private static final int MAX_LISTS = 64;
    private static final int MAX_ENTRIES = 10_000;
    private static final int MAX_DEPTH = 8;

    private final String name;
    private final DownloadProgress progress;
    private final OsListReader reader = new OsListReader();
    private final Deque<Reference> references = new ArrayDeque<>();
    private final List<String> gaps = new ArrayList<>();
    /** The entries of the list itself; null until it is read. */
    private JsonNode top;
    private int count;

    /**
     * A list that another one refers to.
     *
     * @param list its URL
     * @param groups the names of the groups that refer to it
     * @param by the list that refers to it
     */
    private record Reference(String list, List<String> groups, String by) {
    }

    /** Creates a list that is read from a file or URL. */
    public OsList(String name) {
        this(name, null, DownloadProgress.ofLines(line -> {}));
    }

    /**
     * Creates a list whose entries have already been read.
     *
     * @param progress is notified when another list is read
     */
    public OsList(String name, JsonNode entries, DownloadProgress progress) {
        this.name = name;
        this.top = entries;
        this.progress = progress;
    }

    /**
     * Returns the SHA-256 of the image in a download, in lower case. Other lists are read only until the download is found.
     *
     * @param address the URL as in the list; the fragment may differ, because it is not sent to the server
     * @throws BuildException if the list cannot be read, or does not have the download or its checksum
     */
    String sha256(String address) throws BuildException {
        String requested = Download.withoutFragment(address);
        OsEntry entry = find(candidate -> Download.withoutFragment(candidate.address()).equals(requested));
        if (entry == null) {
            throw BuildException.failed("the list " + name + " does not name " + address + "; specify its checksum with --sha256=HEX"
                    + (gaps.isEmpty() ? "" : "; " + gaps.get(gaps.size() - 1)));
        }
        if (entry.sha256().isEmpty()) {
            throw BuildException.failed("the list " + name + " has no SHA-256 of the image in " + address
                    + " (extract_sha256); specify it with --sha256=HEX");
        }
        return entry.sha256();
    }

    /**
     * Returns the entries of this list and of all lists that it refers to.
     *
     * @throws BuildException if this list itself cannot be read
     */
    public OsListing listing() throws BuildException {
        List<OsEntry> entries = new ArrayList<>();
        find(entry -> {
            entries.add(entry);
            return false;
        });
        return new OsListing(name, List.copyOf(entries), List.copyOf(gaps));
    }

    /** Returns the first matching entry; null if there is none. Each list is read once, so that lists may refer to each other. */
    private OsEntry find(Predicate<OsEntry> isWanted) throws BuildException {
        if (top == null) {
            top = reader.requested(name);
        }
        Set<String> visited = new HashSet<>(Set.of(name));
        OsEntry found = find(top, List.of(), name, isWanted);
        while (found == null && !references.isEmpty()) {
            Reference next = references.poll();
            if (!visited.add(next.list())) {
                continue;
            }
            if (visited.size() > MAX_LISTS) {
                gaps.add("there are more than " + MAX_LISTS + " lists, and the others were not read");
                return null;
            }
            found = find(entries(next), next.groups(), next.list(), isWanted);
        }
        return found;
    }

    /** Returns the entries of another list; none if it cannot be read, because the download may be in a different one. */
    private Iterable<JsonNode> entries(Reference next) {
        try {
            progress.message("reading " + next.list());
            return reader.referenced(next.list(), next.by());
        } catch (BuildException e) {
            gaps.add(e.getMessage());
            return List.of();
        }
    }

    /** Returns the first matching entry; null if there is none. References to other lists are queued. */
    private OsEntry find(Iterable<JsonNode> entries, List<String> groups, String list, Predicate<OsEntry> isWanted) {
        if (groups.size() > MAX_DEPTH) {
            gaps.add("entries nested more than " + MAX_DEPTH + " deep in the list " + list + " were left out");
            return null;
        }
        for (JsonNode node : entries) {
            if (count++ == MAX_ENTRIES) {
                gaps.add("there are more than " + MAX_ENTRIES + " entries, and the others were left out");
            }
            if (count > MAX_ENTRIES) {
                references.clear();
                return null;
            }
            OsEntry found = inside(node, groups, list, isWanted);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private OsEntry inside(JsonNode node, List<String> groups, String list, Predicate<OsEntry> isWanted) {
        OsEntry entry = OsEntry.of(node, groups);
        if (!entry.address().isEmpty() && isWanted.test(entry)) {
            return entry;
        }
        List<String> ownGroups = new ArrayList<>(groups);
        ownGroups.add(entry.name());
        String address = OsEntry.text(node, "subitems_url");
        if (!address.isEmpty()) {
            references.add(new Reference(address, ownGroups, list));
        }
        return find(node.path("subitems"), ownGroups, list, isWanted);
    }
}
