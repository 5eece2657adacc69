package dev.tenon.compression.trees;

import dev.tenon.graph.Node;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import java.util.List;

/** The form in which an operator stores its trees. */
interface TreeFormat {
    /** Reads the trees of an operator. */
    TreeTable read();

    /**
     * The operator with other trees.
     *
     * @param table the trees
     * @return the operator
     */
    Op write(TreeTable table);

    /** Whether trees may share nodes with each other, and a shared node may be any child. */
    boolean sharesFreely();

    /** How the weights of trees are combined: SUM, AVERAGE, MIN or MAX. */
    String aggregate();

    /** The number of targets, or classes. */
    int targets();

    /** Whether the operator decides between classes. */
    boolean isClassifier();

    /** Whether base values are added to the scores. */
    boolean hasBase();

    /** The form of a node; null if its operator has no trees. */
    static TreeFormat of(Node node) {
        return switch (node.op()) {
            case TreeEnsembleClassifier op -> new OlderTrees(op, op.attributes());
            case TreeEnsembleRegressor op -> new OlderTrees(op, op.attributes());
            case TreeEnsemble op -> new NewerTrees(op.attributes());
            default -> null;
        };
    }

    /** Whether a node has trees. */
    static boolean isTrees(Node node) {
        Op op = node.op();
        return op instanceof TreeEnsembleClassifier
                || op instanceof TreeEnsembleRegressor
                || op instanceof TreeEnsemble;
    }

    /** A list attribute that must be there. */
    static long[] integers(Attributes a, String name) {
        return a.integers(name, List.of()).stream().mapToLong(Long::longValue).toArray();
    }
}
