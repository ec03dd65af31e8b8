package org.example.piimages.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * A list of operating systems, as Raspberry Pi Imager reads it: for each download its address and the checksum of the image in it. Lists
 * name further lists (subitems_url), which are read where the download is not found before.
 */
final class OsList {

    private static final int LARGEST = 16 << 20;
    private static final int MOST_LISTS = 64;

    private final String name;
    private final Web web = new Web();
    private final ObjectMapper json = new ObjectMapper();
    private final Deque<String> lists = new ArrayDeque<>();
    /** Why the last further list was not read. */
    private String unread = "";

    /** A list by its file's name or its address. */
    OsList(String name) {
        this.name = name;
    }

    /**
     * The SHA-256 of the image in a download, in lower case.
     *
     * @param address as the list has it, to the letter
     * @throws BuildException where the list cannot be read, does not name the download, or tells no checksum of it
     */
    String sha256(String address) throws BuildException {
        lists.clear();
        lists.add(name);
        Set<String> known = new HashSet<>();
        while (!lists.isEmpty() && known.size() < MOST_LISTS) {
            String list = lists.poll();
            JsonNode entry = known.add(list) ? find(entries(list), address) : null;
            if (entry != null) {
                return sum(entry, list);
            }
        }
        throw BuildException.failed("the list " + name + " does not name " + address + "; specify its checksum with --sha256=HEX" + unread);
    }

    /** Of a further list that cannot be read none, as the download may be in another. */
    private JsonNode entries(String list) throws BuildException {
        try {
            return read(list).path("os_list");
        } catch (BuildException e) {
            if (list.equals(name)) {
                throw e;
            }
            unread = "; " + e.getMessage();
            return MissingNode.getInstance();
        }
    }

    /** The entry of this download; null where there is none. Further lists are queued. */
    private JsonNode find(JsonNode entries, String address) {
        for (JsonNode entry : entries) {
            if (text(entry, "url").equals(address)) {
                return entry;
            }
            JsonNode found = find(entry.path("subitems"), address);
            if (found != null) {
                return found;
            }
            String further = text(entry, "subitems_url");
            if (!further.isEmpty()) {
                lists.add(further);
            }
        }
        return null;
    }

    private static String text(JsonNode entry, String key) {
        return entry.path(key).isTextual() ? entry.path(key).asText() : "";
    }

    private static String sum(JsonNode entry, String list) throws BuildException {
        String sum = text(entry, "extract_sha256").toLowerCase(Locale.ROOT);
        if (!sum.matches("[0-9a-f]{64}")) {
            throw BuildException.failed("the list " + list + " has no SHA-256 of the image in " + text(entry, "url")
                    + " (extract_sha256); specify it with --sha256=HEX");
        }
        return sum;
    }

    private JsonNode read(String list) throws BuildException {
        try {
            JsonNode root = json.readTree(bytes(list));
            if (root == null || !root.path("os_list").isArray()) {
                throw BuildException.failed("the list " + list + " has no os_list, so it is not one of Raspberry Pi Imager");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw BuildException.failed("cannot read the list " + list + ": not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw BuildException.failed("cannot read the list " + list + ": " + Installation.reason(e));
        }
    }

    /** What says which image is genuine must come from a file of the user's or over https. */
    private byte[] bytes(String list) throws BuildException, IOException {
        if (!Download.isAddress(list)) {
            if (!list.equals(name)) {
                throw BuildException.failed("the list " + name + " refers to the list '" + list + "', which is not a URL");
            }
            if (!Files.isRegularFile(Path.of(list))) {
                throw BuildException.notFound("cannot open " + list + ": No such file or directory");
            }
            return Files.readAllBytes(Path.of(list));
        }
        if (!list.toLowerCase(Locale.ROOT).startsWith("https:")) {
            throw BuildException.request("the list " + list + " is not accepted: it is not retrieved over https");
        }
        URI address;
        try {
            address = URI.create(list);
        } catch (IllegalArgumentException e) {
            throw BuildException.request("'" + list + "' is not a URL: " + e.getMessage());
        }
        return web.small(address, LARGEST).orElseThrow(() -> new IOException("the server has no such file"));
    }
}
