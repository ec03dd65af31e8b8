package org.example.piimages.firstboot.file;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;

/** Planned changes of an image's files. Nothing is written before all changes are known. */
public final class Edits {

    private final Directory directory;
    /** New contents by path, in the order of writing; null for a file to be deleted. */
    private final Map<String, byte[]> contents = new LinkedHashMap<>();

    public Edits(Directory directory) {
        this.directory = directory;
    }

    public void put(String path, String text) {
        put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    public void put(String path, byte[] content) {
        contents.remove(path);
        contents.put(path, content);
    }

    public void delete(String path) {
        put(path, (byte[]) null);
    }

    /** Writes the files whose content differs, and returns their paths. */
    public List<String> apply() throws FirstBootException {
        Map<String, byte[]> different = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
            if (entry.getValue() != null && entry.getValue().length > Directory.MAX_FILE_SIZE) {
                throw FirstBootException.request(entry.getKey() + " would exceed 128 KiB, the maximum that can be read back; nothing was"
                        + " written");
            }
            if (!Arrays.equals(directory.read(entry.getKey()), entry.getValue())) {
                different.put(entry.getKey(), entry.getValue());
            }
        }
        List<String> changed = new ArrayList<>();
        for (Map.Entry<String, byte[]> entry : different.entrySet()) {
            if (entry.getValue() == null) {
                directory.delete(entry.getKey());
            } else {
                directory.replace(entry.getKey(), entry.getValue());
            }
            changed.add(entry.getKey());
        }
        return changed;
    }
}
