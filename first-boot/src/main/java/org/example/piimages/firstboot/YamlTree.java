package org.example.piimages.firstboot;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Whether a tree of YAML is one that can be worked with. By aliases, a few lines can have more values than fit into memory, or one that is
 * part of itself, and comparing or writing them would never come to an end.
 */
final class YamlTree {

    /** More than 128 KiB of text have without aliases. */
    private static final int MOST_NODES = 100_000;
    private static final int DEEPEST = 100;

    private final String name;
    private final Set<Node> above = Collections.newSetFromMap(new IdentityHashMap<>());
    private int nodes;

    private YamlTree(String name) {
        this.name = name;
    }

    /**
     * Throws {@link FirstBootException} for what cannot be worked with.
     *
     * @param name what to call the file in an error
     * @param top the tree, or null for an empty file
     */
    static void require(String name, Node top) throws FirstBootException {
        if (top != null) {
            new YamlTree(name).visit(top);
        }
    }

    private void visit(Node node) throws FirstBootException {
        nodes++;
        if (nodes > MOST_NODES || above.size() > DEEPEST) {
            throw refused("its aliases expand to more nodes than are allowed");
        }
        if (node instanceof ScalarNode) {
            return;
        }
        if (!above.add(node)) {
            throw refused("an alias in it refers to a value that contains it");
        }
        if (node instanceof SequenceNode sequence) {
            for (Node value : sequence.getValue()) {
                visit(value);
            }
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode)) {
                    throw refused("a key in it is a list or a mapping");
                }
                visit(tuple.getKeyNode());
                visit(tuple.getValueNode());
            }
        }
        above.remove(node);
    }

    private FirstBootException refused(String why) {
        return FirstBootException.image("cannot use " + name + ": " + why + "; replace the file");
    }
}
