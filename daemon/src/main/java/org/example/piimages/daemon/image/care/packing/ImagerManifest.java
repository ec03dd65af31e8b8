package org.example.piimages.daemon.image.care.packing;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Json;

/**
 * What Raspberry Pi Imager has to know of a packed image to offer it, and to set it up: a list of operating systems with one entry. The
 * format is that of its repositories, version 4; its file names end in .rpi-imager-manifest.
 */
final class ImagerManifest {

    /** Its own picture for files of people's own; an entry has to have one. */
    private static final String ICON = "qrc:/qt/qml/RpiImager/icons/use_custom.png";
    private static final int GENERATION = "pi".length();

    /**
     * A file and its checksum.
     *
     * @param size in bytes
     * @param sha256 in lower-case hexadecimal digits
     */
    record Summed(long size, String sha256) {
    }

    private ImagerManifest() {
    }

    /**
     * The file's text.
     *
     * @param system what is in the image
     * @param path the packed file's, absolute
     * @param title the image's file name
     * @param date when it was packed
     */
    static String text(PublishedSystem system, String path, String title, Summed image, Summed packed, LocalDate date) {
        List<String> devices = system.architecture().devices();
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", system.name().isEmpty() ? title : system.name());
        entry.put("description", title);
        entry.put("icon", ICON);
        entry.put("url", url(path));
        entry.put("extract_size", image.size());
        entry.put("extract_sha256", image.sha256());
        entry.put("image_download_size", packed.size());
        entry.put("image_download_sha256", packed.sha256());
        entry.put("release_date", date.toString());
        entry.put("init_format", system.initFormat());
        if (!system.architecture().title().isEmpty()) {
            entry.put("architecture", system.architecture().title());
        }
        entry.put("devices", devices);
        Map<String, Object> manifest = new LinkedHashMap<>();
        // Without models to choose from, none can be chosen, and the entry is not shown.
        manifest.put("imager", Map.of("devices", models(devices)));
        manifest.put("os_list", List.of(entry));
        return Json.text(manifest, true) + "\n";
    }

    /** It takes absolute ones alone, of local files as well. */
    private static String url(String path) {
        return "file://" + URLEncoder.encode(path, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
    }

    /** Each model that is named in the list, with all of its names there. */
    private static List<Map<String, Object>> models(List<String> devices) {
        Map<Character, List<String>> tags = new LinkedHashMap<>();
        devices.forEach(tag -> tags.computeIfAbsent(tag.charAt(GENERATION), generation -> new ArrayList<>()).add(tag));
        List<Map<String, Object>> models = new ArrayList<>();
        tags.forEach((generation, own) -> {
            Map<String, Object> model = new LinkedHashMap<>();
            model.put("name", "Raspberry Pi " + generation);
            model.put("description", description(generation));
            model.put("tags", own);
            model.put("matching_type", "exclusive");
            models.add(model);
        });
        return models;
    }

    /** What else has the same CPU. */
    private static String description(char generation) {
        return switch (generation) {
            case '5' -> "Raspberry Pi 5, 500 and Compute Module 5";
            case '4' -> "Raspberry Pi 4, 400 and Compute Module 4";
            case '3' -> "Raspberry Pi 3, Zero 2 W and Compute Module 3";
            case '2' -> "Raspberry Pi 2";
            default -> "Raspberry Pi 1, Zero and Compute Module 1";
        };
    }
}
