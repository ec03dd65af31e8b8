package org.example.piimages.cli.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of one check, as Manager.DiagnoseHost returns it.
 *
 * @param check what was checked
 * @param severity ok, warning or problem
 * @param text what was found
 * @param remedy what to do about it; may be empty
 */
public record FindingEntry(String check, String severity, String text, String remedy) {

    private static final String OK = "ok";
    private static final String PROBLEM = "problem";

    public static FindingEntry of(List<?> fields) {
        return new FindingEntry((String) fields.get(0), (String) fields.get(1), (String) fields.get(2), (String) fields.get(3));
    }

    public static FindingEntry problem(String check, String text) {
        return new FindingEntry(check, PROBLEM, text, "");
    }

    public boolean isOk() {
        return severity.equals(OK);
    }

    public boolean isProblem() {
        return severity.equals(PROBLEM);
    }

    /** Returns the fields for JSON output. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("check", check);
        fields.put("severity", severity);
        fields.put("text", text);
        fields.put("remedy", remedy);
        return fields;
    }
}
