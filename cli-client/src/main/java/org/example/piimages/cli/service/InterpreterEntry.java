package org.example.piimages.cli.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How this host runs programs of one CPU architecture, as Manager.ListInterpreters returns it.
 *
 * @param architecture the architecture as uname(1) names it
 * @param state native, registered, available or missing
 * @param entry the name of the binfmt_misc entry; may be empty
 * @param interpreter the emulator; the package to install if the state is missing
 * @param flags the binfmt_misc entry's flags
 * @param ours whether PiImages registered it
 */
public record InterpreterEntry(String architecture, String state, String entry, String interpreter, String flags, boolean ours) {

    static InterpreterEntry of(List<?> fields) {
        return new InterpreterEntry((String) fields.get(0), (String) fields.get(1), (String) fields.get(2), (String) fields.get(3),
                (String) fields.get(4), (Boolean) fields.get(5));
    }

    /** Returns the fields for JSON output. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("architecture", architecture);
        fields.put("state", state);
        fields.put("interpreter", interpreter);
        fields.put("entry", entry);
        fields.put("flags", flags);
        fields.put("ours", ours);
        return fields;
    }
}
