package dev.tenon.graph.rewrite;

import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.util.ArrayDeque;

/**
 * Counts the uses of the values of a draft. When nothing uses the outputs of a node any more, its own uses are taken
 * back.
 */
final class UseCounts {
    /** The count for the outputs of a released node. It never becomes 0 again. */
    private static final int RELEASED = Integer.MIN_VALUE / 2;

    private final ElementMap<Value, int[]> uses;

    /** How many outputs of a node are used. A node may have very many, so they are not looked at one by one. */
    private final ElementMap<Node, int[]> usedOutputs;

    private final ArrayDeque<Value> idle = new ArrayDeque<>();

    /** No uses yet, of about so many values and nodes. */
    UseCounts(int values, int nodes) {
        this.uses = new ElementMap<>(values);
        this.usedOutputs = new ElementMap<>(nodes);
    }

    int of(Value v) {
        int[] count = uses.get(v);
        return count == null ? 0 : count[0];
    }

    /**
     * Adds uses of a value; a negative number takes uses back. {@link #releaseIdle} looks at values without uses later.
     */
    void add(Value v, int more) {
        if (change(v, more) == 0) {
            idle.add(v);
        }
    }

    private int change(Value v, int more) {
        int[] count = uses.computeIfAbsent(v, () -> new int[1]);
        int before = count[0];
        count[0] += more;
        Node node = v.producer();
        if (node != null && (before == 0) != (count[0] == 0)) {
            usedOutputs.computeIfAbsent(node, () -> new int[1])[0] += before == 0 ? 1 : -1;
        }
        return count[0];
    }

    /** Turns uses of one value into uses of another. */
    void move(Value from, Value to, int count) {
        change(from, -count);
        add(to, count);
    }

    /** Takes back the uses by a node. */
    void release(Node node) {
        for (Value v : node.inputs()) {
            if (v != null) {
                add(v, -1);
            }
        }
        for (Value v : node.outputs()) {
            if (v != null) {
                uses.computeIfAbsent(v, () -> new int[1])[0] = RELEASED;
            }
        }
    }

    /** Takes back the uses by nodes that nothing uses any more. */
    void releaseIdle() {
        while (!idle.isEmpty()) {
            Value v = idle.poll();
            Node node = v.producer();
            if (node == null || of(v) != 0) {
                continue;
            }
            int[] used = usedOutputs.get(node);
            if (used == null || used[0] == 0) {
                release(node);
            }
        }
    }
}
