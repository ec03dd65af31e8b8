package org.example.piimages.cli.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A mounted image, as Manager.ListImages returns it.
 *
 * @param object its object path
 * @param file the image file; empty for an image of another user
 * @param mountPoint the mount point; empty for an image of another user
 * @param owner the UID of the user who mounted it
 * @param readOnly whether it is mounted read-only
 */
public record ImageEntry(String object, String file, String mountPoint, long owner, boolean readOnly) {

    static ImageEntry of(List<?> fields) {
        return new ImageEntry((String) fields.get(0), (String) fields.get(1), (String) fields.get(2),
                ((Number) fields.get(3)).longValue(), (Boolean) fields.get(4));
    }

    /** Returns the fields for JSON output. */
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
