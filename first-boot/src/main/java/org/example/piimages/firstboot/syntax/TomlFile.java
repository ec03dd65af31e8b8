package org.example.piimages.firstboot.syntax;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;

/** A TOML file: its values, in file order. Comments are not kept. */
public final class TomlFile {

    private static final TomlMapper TOML = new TomlMapper();
    private static final String BARE_KEY = "[A-Za-z0-9_-]+";

    private final Map<String, Object> values;

    private TomlFile(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Parses a file.
     *
     * @param name the name of the file in an error message
     * @param text the text, or null for a new file
     * @throws FirstBootException if the text is not valid TOML
     */
    public static TomlFile parse(String name, String text) throws FirstBootException {
        try {
            return new TomlFile(text == null ? new LinkedHashMap<>() : values(text));
        } catch (JsonProcessingException e) {
            throw FirstBootException
                    .image("cannot read " + name + ": not valid TOML: " + e.getOriginalMessage().lines().findFirst().orElse("")
                            + (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr()));
        }
    }

    private static Map<String, Object> values(String text) throws JsonProcessingException {
        return TOML.readValue(text, new TypeReference<LinkedHashMap<String, Object>>() {
        });
    }

    /** Returns all values. */
    public Map<String, Object> values() {
        return values;
    }

    /** Returns a value in a section, or null. */
    public Object get(String section, String key) {
        return values.get(section) instanceof Map<?, ?> table ? table.get(key) : null;
    }

    /** Sets a value in a section; null removes it. Sections that become empty are removed. */
    public void set(String section, String key, Object value) {
        Map<String, Object> table = new LinkedHashMap<>();
        if (values.get(section) instanceof Map<?, ?> old) {
            old.forEach((name, existing) -> table.put(name.toString(), existing));
        }
        if (value == null) {
            table.remove(key);
        } else {
            table.put(key, value);
        }
        values.put(section, table);
        if (table.isEmpty()) {
            values.remove(section);
        }
    }

    /** Returns the file's text, with [section] headers, which the simple parsers in images support as well. */
    public String text() throws FirstBootException {
        try {
            Map<String, Object> plain = new LinkedHashMap<>();
            StringBuilder sections = new StringBuilder();
            for (Map.Entry<String, Object> entry : values.entrySet()) {
                if (entry.getValue() instanceof Map<?, ?> table && entry.getKey().matches(BARE_KEY)) {
                    sections.append("\n[").append(entry.getKey()).append("]\n").append(TOML.writeValueAsString(table));
                } else {
                    plain.put(entry.getKey(), entry.getValue());
                }
            }
            String text = (plain.isEmpty() ? "" : TOML.writeValueAsString(plain)) + sections;
            if (!values(text).equals(values)) {
                throw FirstBootException.image("cannot write TOML: it would not be read back unchanged");
            }
            return text;
        } catch (JsonProcessingException e) {
            throw FirstBootException.image("cannot write TOML: " + e.getOriginalMessage());
        }
    }
}
