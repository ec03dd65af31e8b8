package org.example.piimages.build.download;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An entry of a list of operating systems. The values are those of the list, and are not verified.
 *
 * @param groups the names of the groups that contain it, the outermost first
 * @param name its name in the list
 * @param address the URL of the download; empty if there is none
 * @param size the size of the image in bytes; 0 if the list does not have it
 * @param sha256 the SHA-256 of the image, in lower case; empty if the list does not have it
 * @param downloadSize the size of the download in bytes; 0 if the list does not have it
 * @param downloadSha256 the SHA-256 of the download, in lower case; empty if the list does not have it
 * @param released the release date, such as 2026-11-24; may be empty
 * @param devices the tags of the supported devices, such as pi4-64bit; may be empty
 */
public record OsEntry(List<String> groups, String name, String address, long size, String sha256, long downloadSize, String downloadSha256,
        String released, List<String> devices) {

    private static final String SEPARATOR = " / ";
    private static final int MAX_NAME_LENGTH = 200;
    private static final int MAX_WORD_LENGTH = 32;
    private static final int MAX_ADDRESS_LENGTH = 4096;
    private static final int MAX_DEVICES = 64;
    /** The scheme of entries that Raspberry Pi Imager offers without a download: to erase a card, or to choose a file. */
    private static final String NO_DOWNLOAD = "internal:";

    /** Creates an entry from its JSON object; the URL is empty if nothing can be downloaded. */
    static OsEntry of(JsonNode entry, List<String> groups) {
        String address = text(entry, "url");
        boolean isNone = address.length() > MAX_ADDRESS_LENGTH || address.startsWith(NO_DOWNLOAD);
        List<String> devices = new ArrayList<>();
        for (JsonNode device : entry.path("devices")) {
            if (device.isTextual() && devices.size() < MAX_DEVICES) {
                devices.add(cut(device.asText(), MAX_WORD_LENGTH));
            }
        }
        return new OsEntry(groups, name(entry), isNone ? "" : address, number(entry, "extract_size"), sum(entry, "extract_sha256"),
                number(entry, "image_download_size"), sum(entry, "image_download_sha256"),
                cut(text(entry, "release_date"), MAX_WORD_LENGTH),
                List.copyOf(devices));
    }

    /** Returns the name of an entry or of a group of entries. */
    static String name(JsonNode entry) {
        return cut(text(entry, "name").strip(), MAX_NAME_LENGTH);
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

    /** Returns its name, preceded by the names of the groups that contain it. */
    public String path() {
        return groups.isEmpty() ? name : String.join(SEPARATOR, groups) + SEPARATOR + name;
    }
}
