package org.example.piimages.cli.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine, as Manager.ListMachines returns it.
 *
 * @param name its name in machinectl(1)
 * @param object its object path
 * @param unit the systemd unit that it runs in
 * @param file the image file; empty for a machine of another user
 * @param owner the UID of the user who started it
 */
public record MachineEntry(String name, String object, String unit, String file, long owner) {

    static MachineEntry of(List<?> fields) {
        return new MachineEntry((String) fields.get(0), (String) fields.get(1), (String) fields.get(2), (String) fields.get(3),
                ((Number) fields.get(4)).longValue());
    }

    /** Returns the fields for JSON output. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("machine", name);
        fields.put("image", file);
        fields.put("owner", owner);
        fields.put("unit", unit);
        fields.put("object", object);
        return fields;
    }
}
