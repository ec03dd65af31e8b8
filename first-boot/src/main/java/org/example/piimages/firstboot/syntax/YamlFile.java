package org.example.piimages.firstboot.syntax;

import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/**
 * A YAML file that consists of one mapping. Everything that is not set is kept, including comments: edits apply to the tree of nodes, not
 * to the values that it represents.
 */
public final class YamlFile {

    private static final int WIDTH = 4096;

    private final String name;
    private final Map<String, Object> values;
    private final MappingNode tree;
    /** The text of a file that contains nothing but comments. */
    private final String comments;

    private YamlFile(String name, Map<String, Object> values, MappingNode tree, String comments) {
        this.name = name;
        this.values = values;
        this.tree = tree;
        this.comments = comments;
    }

    /** Comments are not processed, because values cannot hold them; the tree of nodes can. */
    private static Object load(String text) {
        return yaml(false).load(text);
    }

    private static Yaml tree() {
        return yaml(true);
    }

    private static Yaml yaml(boolean comments) {
        LoaderOptions reading = new LoaderOptions();
        reading.setProcessComments(comments);
        reading.setAllowDuplicateKeys(false);
        DumperOptions writing = new DumperOptions();
        writing.setProcessComments(true);
        writing.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        writing.setWidth(WIDTH);
        writing.setSplitLines(false);
        return new Yaml(new SafeConstructor(reading), new Representer(writing), writing, reading);
    }

    /**
     * Parses a file.
     *
     * @param name the name of the file in an error message
     * @param text the text, or null for a new file
     * @throws FirstBootException if the text is not valid YAML, or is not a mapping
     */
    public static YamlFile parse(String name, String text) throws FirstBootException {
        String content = text == null ? "" : text;
        try {
            YamlTree.require(name, yaml(false).compose(new StringReader(content)));
            Object value = load(content);
            if (value == null) {
                MappingNode empty = new MappingNode(Tag.MAP, new ArrayList<>(), DumperOptions.FlowStyle.BLOCK);
                return new YamlFile(name, new LinkedHashMap<>(), empty, content);
            }
            if (value instanceof Map<?, ?> map && tree().compose(new StringReader(content)) instanceof MappingNode tree) {
                return new YamlFile(name, named(map), tree, "");
            }
        } catch (YAMLException e) {
            throw FirstBootException.image("cannot read " + name + ": not valid YAML: " + reason(e));
        }
        throw FirstBootException.image("cannot read " + name + ": it is not a mapping of names to values");
    }

    /** The first line of what the reader says is only what it was about to do. */
    private static String reason(YAMLException problem) {
        if (problem instanceof MarkedYAMLException marked && marked.getProblem() != null && marked.getProblemMark() != null) {
            return marked.getProblem().lines().findFirst().orElse("") + ", line " + (marked.getProblemMark().getLine() + 1);
        }
        return problem.getMessage().lines().findFirst().orElse("");
    }

    private static Map<String, Object> named(Map<?, ?> map) {
        Map<String, Object> named = new LinkedHashMap<>();
        map.forEach((key, value) -> named.put(String.valueOf(key), value));
        return named;
    }

    /** Returns a copy in which byte arrays, the values of !!binary, are replaced by buffers, which are equal if their bytes are. */
    private static Object comparable(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> comparable = new LinkedHashMap<>();
            map.forEach((key, entry) -> comparable.put(String.valueOf(key), comparable(entry)));
            return comparable;
        }
        if (value instanceof List<?> list) {
            List<Object> comparable = new ArrayList<>();
            list.forEach(entry -> comparable.add(comparable(entry)));
            return comparable;
        }
        return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
    }

    /** Returns the value of a top-level key, or null. */
    public Object get(String key) {
        return values.get(key);
    }

    /** Returns the value at the end of a path through nested mappings, or null. */
    public static Object find(Object value, String... path) {
        Object current = value;
        for (String key : path) {
            current = current instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return current;
    }

    /** Returns a mutable copy of a mapping; empty if the value is not one. */
    public static Map<String, Object> mapping(Object value) {
        return value instanceof Map<?, ?> map ? named(map) : new LinkedHashMap<>();
    }

    /** Returns a mutable copy of a list; empty if the value is not one. */
    public static List<Object> sequence(Object value) {
        return value instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
    }

    /** Sets a top-level key; null, an empty list and an empty mapping remove it. A key that already has the value is not changed. */
    public void set(String key, Object value) {
        boolean isRemoval = value == null || List.of().equals(value) || Map.of().equals(value);
        if (isRemoval ? !values.containsKey(key) : value.equals(values.get(key))) {
            return;
        }
        List<NodeTuple> tuples = tree.getValue();
        int place = place(key);
        if (isRemoval) {
            values.remove(key);
            tuples.remove(place);
            return;
        }
        values.put(key, value);
        Node node = tree().represent(value);
        if (place < 0) {
            tuples.add(new NodeTuple(tree().represent(key), node));
        } else {
            tuples.set(place, new NodeTuple(tuples.get(place).getKeyNode(), node));
        }
    }

    private int place(String key) {
        for (int i = 0; i < tree.getValue().size(); i++) {
            if (tree.getValue().get(i).getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Returns the file's text.
     *
     * @throws FirstBootException if the text would not be read back with the same values
     */
    public String text() throws FirstBootException {
        if (values.isEmpty()) {
            return comments;
        }
        // A tree whose last entry was removed would be written as a flow mapping otherwise.
        tree.setFlowStyle(DumperOptions.FlowStyle.BLOCK);
        try {
            StringWriter text = new StringWriter();
            tree().serialize(tree, text);
            String document = comments + (comments.isEmpty() || comments.endsWith("\n") ? "" : "\n") + text;
            if (load(document) instanceof Map<?, ?> again && comparable(again).equals(comparable(values))) {
                return document;
            }
        } catch (YAMLException e) {
            throw FirstBootException.image("cannot write " + name + ": " + e.getMessage().lines().findFirst().orElse(""));
        }
        throw FirstBootException
                .image("cannot write " + name + ": it would not be read back unchanged; use --reset to replace its contents");
    }
}
