package dev.tenon.op.tabular.model;

import dev.tenon.error.InvalidOperandException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Finds nodes by the number of their tree and their number in it, both any integers. */
final class TreeIds {
    private final String thing;
    private final List<Long> trees;
    private final List<Long> nodes;

    /** The nodes in ascending order of their numbers; null if they are stored in that order. */
    private final Integer[] order;

    TreeIds(String thing, List<Long> trees, List<Long> nodes) {
        this.thing = thing;
        this.trees = trees;
        this.nodes = nodes;
        this.order = ascending() ? null : sorted();
        for (int i = 1; i < trees.size(); i++) {
            int a = at(i - 1);
            if (compare(a, trees.get(at(i)), nodes.get(at(i))) == 0) {
                throw new InvalidOperandException(
                        thing,
                        "two nodes " + nodes.get(a) + " of tree " + trees.get(a),
                        "numbers of one node each",
                        null);
            }
        }
    }

    private boolean ascending() {
        for (int i = 1; i < trees.size(); i++) {
            if (compare(i - 1, trees.get(i), nodes.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private Integer[] sorted() {
        Integer[] all = new Integer[trees.size()];
        Arrays.setAll(all, i -> i);
        Arrays.sort(all, Comparator.<Integer>comparingLong(trees::get).thenComparingLong(nodes::get));
        return all;
    }

    private int at(int i) {
        return order == null ? i : order[i];
    }

    private int compare(int i, long tree, long node) {
        int c = Long.compare(trees.get(i), tree);
        return c != 0 ? c : Long.compare(nodes.get(i), node);
    }

    /** The place of a node in the lists. */
    int find(long tree, long node, String what) {
        int low = 0;
        int high = trees.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int i = at(middle);
            int c = compare(i, tree, node);
            if (c == 0) {
                return i;
            }
            if (c < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new InvalidOperandException(
                thing, what + " " + node + " of tree " + tree + ", which is not there", "nodes of the tree", null);
    }

    /** The first node of each tree in the order of the lists. */
    int[] roots() {
        List<Integer> roots = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= trees.size(); i++) {
            boolean ends = i == trees.size() || !trees.get(at(i)).equals(trees.get(at(i - 1)));
            if (ends) {
                int least = Integer.MAX_VALUE;
                for (int k = first; k < i; k++) {
                    least = Math.min(least, at(k));
                }
                roots.add(least);
                first = i;
            }
        }
        return roots.stream().mapToInt(Integer::intValue).sorted().toArray();
    }
}
