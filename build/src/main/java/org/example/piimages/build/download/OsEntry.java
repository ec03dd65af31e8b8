package org.example.piimages.build.download;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A download that a list of operating systems names. All of it is what the list says, and nobody has checked it.
 *
 * @param groups the names of what it is listed in, the outermost first
 * @param name what it is called there
 * @param address where it is
 * @param size how many bytes the image in it has; 0 where the list does not say
 * @param sha256 that of the image in it, in lower case; empty where the list does not say
 * @param downloadSize how many bytes the download has; 0 where the list does not say
 * @param downloadSha256 that of the download, in lower case; empty where the list does not say
 * @param released when, such as 2026-11-24; may be empty
 * @param devices what it is for, by the list's own words such as pi4-64bit; may be empty
 */
public record OsEntry(List<String> groups, String name, String address, long size, String sha256, long downloadSize, String downloadSha256,
        String released, List<String> devices) {

    private static final String SEPARATOR = " / ";
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_WORD = 32;
    private static final int LONGEST_ADDRESS = 4096;
    private static final int MOST_DEVICES = 64;
    /** What Raspberry Pi Imager offers without a download: to erase a card, or to choose a file. */
    private static final String NO_DOWNLOAD = "internal:";

    /** An entry as the list has it; its address is empty where nothing can be downloaded. */
    static OsEntry of(JsonNode entry, List<String> groups) {
        String address = text(entry, "url");
        boolean isNone = address.length() > LONGEST_ADDRESS || address.startsWith(NO_DOWNLOAD);
        List<String> devices = new ArrayList<>();
        for (JsonNode device : entry.path("devices")) {
            if (device.isTextual() && devices.size() < MOST_DEVICES) {
                devices.add(cut(device.asText(), LONGEST_WORD));
            }
        }
        return new OsEntry(groups, name(entry), isNone ? "" : address, number(entry, "extract_size"), sum(entry, "extract_sha256"),
                number(entry, "image_download_size"), sum(entry, "image_download_sha256"), cut(text(entry, "release_date"), LONGEST_WORD),
                List.copyOf(devices));
    }

    /** What an entry, or a group of entries, is called. */
    static String name(JsonNode entry) {
        return cut(text(entry, "name").strip(), LONGEST_NAME);
    }

    static String text(JsonNode entry, String key) {
        return entry.path(key).isTextual() ? entry.path(key).asText() : "";
    }

    private static String cut(String text, int longest) {
        return text.codePointCount(0, text.length()) <= longest ? text : text.substring(0, text.offsetByCodePoints(0, longest)) + "…";
    }

    private static long number(JsonNode entry, String key) {
        return entry.path(key).canConvertToLong() ? Math.max(0, entry.path(key).asLong()) : 0;
    }

    private static String sum(JsonNode entry, String key) {
        String sum = text(entry, key).toLowerCase(Locale.ROOT);
        return sum.matches("[0-9a-f]{64}") ? sum : "";
    }

    /** Its name, behind those of the groups that it is in. */
    public String path() {
        return groups.isEmpty() ? name : String.join(SEPARATOR, groups) + SEPARATOR + name;
    }
}
