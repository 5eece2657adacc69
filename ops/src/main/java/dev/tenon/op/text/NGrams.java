package dev.tenon.op.text;

import dev.tenon.op.Operands;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** The n-grams of a pool as a tree of tokens. Two equal n-grams are both counted. */
final class NGrams {
    /** The operations that one look into a map counts for. */
    private static final int WORK_PER_TOKEN = 10;

    private final Map<Object, NGrams> longer = new HashMap<>();
    private int[] ids = {};

    private NGrams() {}

    /** The n-grams of some lengths, numbered over the whole pool. */
    static NGrams of(List<Long> starts, List<?> pool, long least, long most) {
        NGrams root = new NGrams();
        int id = 0;
        for (int n = 1; n <= starts.size(); n++) {
            int from = (int) (long) starts.get(n - 1);
            int to = n < starts.size() ? (int) (long) starts.get(n) : pool.size();
            for (int at = from; at < to; at += n) {
                if (n >= least && n <= most) {
                    root.add(pool.subList(at, at + n), id);
                }
                id++;
            }
        }
        return root;
    }

    private void add(List<?> tokens, int id) {
        NGrams node = this;
        for (Object token : tokens) {
            node = node.longer.computeIfAbsent(token, t -> new NGrams());
        }
        node.ids = Arrays.copyOf(node.ids, node.ids.length + 1);
        node.ids[node.ids.length - 1] = id;
    }

    /** Reports the number of each n-gram each time that it occurs with its tokens at most a given distance apart. */
    void count(Object[] tokens, long maxStep, IntConsumer found) {
        for (Object token : tokens) {
            Operands.work(WORK_PER_TOKEN);
            NGrams single = longer.get(token);
            if (single != null) {
                single.tell(found);
            }
        }
        for (long step = 1; step <= maxStep && step < tokens.length; step++) {
            for (int i = 0; i + step < tokens.length; i++) {
                Operands.work(WORK_PER_TOKEN);
                countFrom(tokens, i, (int) step, found);
            }
        }
    }

    /** Reports n-grams of two and more tokens that begin at a place. */
    private void countFrom(Object[] tokens, int first, int step, IntConsumer found) {
        NGrams node = longer.get(tokens[first]);
        for (long i = (long) first + step; node != null && i < tokens.length; i += step) {
            Operands.work(WORK_PER_TOKEN);
            node = node.longer.get(tokens[(int) i]);
            if (node != null) {
                node.tell(found);
            }
        }
    }

    private void tell(IntConsumer found) {
        for (int id : ids) {
            found.accept(id);
        }
    }
}
