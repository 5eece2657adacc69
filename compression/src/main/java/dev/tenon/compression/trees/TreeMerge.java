package dev.tenon.compression.trees;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Stores equal parts of trees once. Two nodes are equal if their tests and children are; two leaves are equal if they have the
 * same weights, bit by bit. A node whose children are equal is replaced by its child. Every row still meets the same weights in
 * the same order, so no result changes.
 *
 * <p>The older operators have a limit. ONNX Runtime reads a tree from its root, the false child of a node first, and refuses a
 * false child that it has met before. So there only a true child may be a node that was met before, and only one of the same
 * tree.
 */
final class TreeMerge {
    private static final int UNKNOWN = -1;

    private final TreeTable table;
    private final boolean sharesFreely;

    /** The class of each node and of each leaf: equal ones have the same. */
    private final int[] nodeClass;

    private final int[] leafClass;
    private final Map<List<Object>, Integer> classes = new HashMap<>();

    /** A member of each class. */
    private final int[] member;

    private final TreeTableBuilder result = new TreeTableBuilder();

    private TreeMerge(TreeTable table, boolean sharesFreely) {
        this.table = table;
        this.sharesFreely = sharesFreely;
        nodeClass = new int[table.tests.length];
        leafClass = new int[table.targets.length];
        member = new int[table.size()];
        Arrays.fill(nodeClass, UNKNOWN);
        for (int leaf = 0; leaf < leafClass.length; leaf++) {
            leafClass[leaf] = classOf(leafKey(leaf), ~leaf);
        }
        for (int root : table.roots) {
            classify(root);
        }
    }

    /**
     * Merges trees.
     *
     * @param table the trees
     * @param sharesFreely whether trees may share nodes with each other, and a shared node may be any child; then roots have to
     *     be nodes
     * @return trees that give the same results
     */
    static TreeTable merged(TreeTable table, boolean sharesFreely) {
        return new TreeMerge(table, sharesFreely).merged();
    }

    private List<Object> leafKey(int leaf) {
        List<Integer> targets = Arrays.stream(table.targets[leaf]).boxed().toList();
        List<Long> weights = Arrays.stream(table.weights[leaf])
                .mapToObj(Double::doubleToRawLongBits)
                .toList();
        return List.of(targets, weights);
    }

    private int classOf(List<Object> key, int at) {
        Integer known = classes.putIfAbsent(key, classes.size());
        if (known != null) {
            return known;
        }
        member[classes.size() - 1] = at;
        return classes.size() - 1;
    }

    private int classOf(int at) {
        return at < 0 ? leafClass[~at] : nodeClass[at];
    }

    /** Finds the classes of a tree, children before parents, without recursion. */
    private void classify(int root) {
        Deque<Integer> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            int at = open.peek();
            if (at < 0 || nodeClass[at] != UNKNOWN) {
                open.pop();
                continue;
            }
            int yes = classOf(table.yes[at]);
            int no = classOf(table.no[at]);
            if (yes == UNKNOWN || no == UNKNOWN) {
                open.push(yes == UNKNOWN ? table.yes[at] : table.no[at]);
                continue;
            }
            nodeClass[at] = yes == no ? yes : classOf(List.of(table.tests[at], yes, no), at);
            open.pop();
        }
    }

    private TreeTable merged() {
        int[] places = new int[table.size()];
        boolean[] isPlaced = new boolean[table.size()];
        for (int root : table.roots) {
            if (!sharesFreely) {
                Arrays.fill(isPlaced, false);
            }
            int at = place(classOf(root), false, places, isPlaced);
            if (at < 0 && sharesFreely) {
                int node = result.node(table.tests[root]);
                result.children(node, at, at);
                at = node;
            }
            result.root(at);
        }
        return result.build();
    }

    /** A node that waits for its children. The false child is placed first, as ONNX Runtime reads trees. */
    private static final class Frame {
        private final int node;
        private final int yes;
        private final int no;
        private int yesPlace;
        private int noPlace;
        private int seen;

        Frame(int node, int yes, int no) {
            this.node = node;
            this.yes = yes;
            this.no = no;
        }
    }

    /** Places a class and all below it. */
    private int place(int root, boolean isFalse, int[] places, boolean[] isPlaced) {
        Deque<Frame> open = new ArrayDeque<>();
        int placed = begin(root, isFalse, places, isPlaced, open);
        while (!open.isEmpty()) {
            Frame frame = open.peek();
            if (frame.seen == 2) {
                open.pop();
                result.children(frame.node, frame.yesPlace, frame.noPlace);
            } else if (frame.seen++ == 0) {
                frame.noPlace = begin(frame.no, true, places, isPlaced, open);
            } else {
                frame.yesPlace = begin(frame.yes, false, places, isPlaced, open);
            }
        }
        return placed;
    }

    /** The place of a class: that of an equal part, or a new one, whose children are placed later. */
    private int begin(int part, boolean isFalse, int[] places, boolean[] isPlaced, Deque<Frame> open) {
        if (isPlaced[part] && (sharesFreely || !isFalse)) {
            return places[part];
        }
        int from = member[part];
        int at = from < 0 ? result.leaf(table.targets[~from], table.weights[~from]) : result.node(table.tests[from]);
        if (!isPlaced[part]) {
            places[part] = at;
            isPlaced[part] = true;
        }
        if (from >= 0) {
            open.push(new Frame(at, classOf(table.yes[from]), classOf(table.no[from])));
        }
        return at;
    }

    /**
     * Leaves out weights of 0, where that changes no result. A leaf keeps a weight at least.
     *
     * <p>A score without weights counts as 0, but a class without weights can't be the label, and ONNX Runtime adds base values
     * only to targets with weights. So this needs scores without base values; and for classes more than two of them, no
     * negative weight, and a positive one in each leaf, so that the label never is a class of score 0.
     *
     * @param table the trees
     * @param format the form of the operator
     * @return trees that give the same results
     */
    static TreeTable withoutZeros(TreeTable table, TreeFormat format) {
        boolean adds = format.aggregate().equals("SUM") || format.aggregate().equals("AVERAGE");
        boolean isSafe = adds && !format.hasBase() && !format.sharesFreely();
        if (format.isClassifier()) {
            isSafe &= format.targets() > 2;
            for (double[] leaf : table.weights) {
                isSafe &= Arrays.stream(leaf).allMatch(w -> w >= 0 && Double.isFinite(w))
                        && Arrays.stream(leaf).anyMatch(w -> w > 0);
            }
        }
        if (!isSafe) {
            return table;
        }
        int[][] targets = new int[table.targets.length][];
        double[][] weights = new double[table.weights.length][];
        for (int leaf = 0; leaf < targets.length; leaf++) {
            double[] all = table.weights[leaf];
            int[] target = table.targets[leaf];
            int[] kept = IntStream.range(0, all.length).filter(w -> all[w] != 0).toArray();
            if (kept.length == 0 && all.length > 0) {
                kept = new int[] {0};
            }
            targets[leaf] = Arrays.stream(kept).map(w -> target[w]).toArray();
            weights[leaf] = Arrays.stream(kept).mapToDouble(w -> all[w]).toArray();
        }
        return new TreeTable(table.tests, table.yes, table.no, table.roots, targets, weights);
    }
}
