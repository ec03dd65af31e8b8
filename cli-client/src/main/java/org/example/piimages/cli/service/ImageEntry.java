package org.example.piimages.cli.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A mounted image, as Manager.ListImages returns it.
 *
 * @param object its object path
 * @param file the image file; empty where it is somebody else's
 * @param mountPoint where it is mounted; empty where it is somebody else's
 * @param owner the uid of who mounted it
 * @param readOnly whether it is mounted read-only
 */
public record ImageEntry(String object, String file, String mountPoint, long owner, boolean readOnly) {

    static ImageEntry of(List<?> fields) {
        return new ImageEntry((String) fields.get(0), (String) fields.get(1), (String) fields.get(2),
                ((Number) fields.get(3)).longValue(), (Boolean) fields.get(4));
    }

    /** For JSON. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("image", file);
        fields.put("mount_point", mountPoint);
        fields.put("read_only", readOnly);
        fields.put("owner", owner);
        fields.put("object", object);
        return fields;
    }
}
