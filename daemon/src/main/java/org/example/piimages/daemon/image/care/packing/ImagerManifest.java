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
 * Writes the manifest by which Raspberry Pi Imager offers and customizes a packed image: a list of operating systems with one entry, in
 * version 4 of the format of its repositories. Its file name ends in .rpi-imager-manifest.
 */
final class ImagerManifest {

    /** The icon that Imager uses for custom images; an entry must have an icon. */
    private static final String ICON = "qrc:/qt/qml/RpiImager/icons/use_custom.png";
    private static final int GENERATION = "pi".length();

    /**
     * The size and checksum of a file.
     *
     * @param size the size in bytes
     * @param sha256 the checksum in lower-case hexadecimal digits
     */
    record Summed(long size, String sha256) {
    }

    private ImagerManifest() {
    }

    /**
     * Returns the text of the manifest.
     *
     * @param system the system in the image
     * @param path the absolute path of the packed file
     * @param title the file name of the image
     * @param date the date of packing
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
        // Without a list of models the user cannot select one, and the entry is not shown.
        manifest.put("imager", Map.of("devices", models(devices)));
        manifest.put("os_list", List.of(entry));
        return Json.text(manifest, true) + "\n";
    }

    /** Returns the URL of a local file, because Imager accepts only absolute URLs. */
    private static String url(String path) {
        return "file://" + URLEncoder.encode(path, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
    }

    /** Groups the device tags by model. */
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

    /** The description of a model, which lists the other models with the same CPU. */
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
