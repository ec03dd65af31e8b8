package org.example.piimages.firstboot.syntax;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Checks that a YAML tree can be processed safely. With aliases, a few lines can represent more values than fit into memory, or a value
 * that contains itself, and comparing or writing those would never end.
 */
final class YamlTree {

    /** More nodes than 128 KiB of text can have without aliases. */
    private static final int MAX_NODES = 100_000;
    private static final int MAX_DEPTH = 100;

    private final String name;
    private final Set<Node> ancestors = Collections.newSetFromMap(new IdentityHashMap<>());
    private int nodes;

    private YamlTree(String name) {
        this.name = name;
    }

    /**
     * Checks a tree.
     *
     * @param name the name of the file in an error message
     * @param top the tree, or null for an empty file
     * @throws FirstBootException if it cannot be processed safely
     */
    static void require(String name, Node top) throws FirstBootException {
        if (top != null) {
            new YamlTree(name).visit(top);
        }
    }

    private void visit(Node node) throws FirstBootException {
        nodes++;
        if (nodes > MAX_NODES || ancestors.size() > MAX_DEPTH) {
            throw refused("its aliases expand to more nodes than are allowed");
        }
        if (node instanceof ScalarNode) {
            return;
        }
        if (!ancestors.add(node)) {
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
        ancestors.remove(node);
    }

    private FirstBootException refused(String why) {
        return FirstBootException.image("cannot use " + name + ": " + why + "; replace the file");
    }
}
