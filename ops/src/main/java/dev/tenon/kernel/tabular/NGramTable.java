package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.NumberTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The n-grams of a pool as a tree in arrays. Tokens have codes from 0. A node stands for an n-gram or the beginning of one; node 0 is
 * the root. Immutable and thread-safe.
 */
public final class NGramTable {
    private final NumberTable tokens;
    private final NumberTable edges;

    /** The node of the n-gram of one token, by the code of the token, or 0. */
    private final int[] singles;

    /** For each node the first n-gram that ends there, or -1. */
    private final int[] firsts;

    /** For each n-gram the next one that is equal, or -1. */
    private final int[] nexts;

    private final int[] columns;
    private final float[] weights;
    private final boolean distinct;

    private NGramTable(Builder b, int[] columns, float[] weights) {
        tokens = NumberTable.of(b.codes.keySet().stream()
                .sorted((x, y) -> Integer.compare(b.codes.get(x), b.codes.get(y)))
                .mapToLong(Long::longValue)
                .toArray());
        edges = NumberTable.of(b.edges.stream().mapToLong(Long::longValue).toArray());
        firsts = b.firsts;
        nexts = b.nexts;
        singles = new int[tokens.size()];
        for (int code = 0; code < singles.length; code++) {
            singles[code] = longer(0, code);
        }
        this.columns = columns;
        this.weights = weights;
        this.distinct = b.ids.stream().mapToInt(id -> columns[id]).distinct().count() == b.ids.size();
    }

    /** The tree while it grows. */
    private static final class Builder {
        private final Map<Long, Integer> codes = new HashMap<>();
        private final Map<Long, Integer> nodes = new HashMap<>();
        private final List<Long> edges = new ArrayList<>();
        private final List<Integer> ids = new ArrayList<>();
        private final int[] nexts;
        private int[] firsts = {-1};

        Builder(int ngrams) {
            nexts = new int[ngrams];
        }

        void add(List<Long> ngram, int id) {
            int node = 0;
            for (Long token : ngram) {
                int code = codes.computeIfAbsent(token, t -> codes.size());
                Integer next = nodes.get(edge(node, code));
                if (next == null) {
                    edges.add(edge(node, code));
                    next = edges.size();
                    nodes.put(edge(node, code), next);
                }
                node = next;
            }
            room(node);
            nexts[id] = firsts[node];
            firsts[node] = id;
            ids.add(id);
        }

        /** Makes room for the n-grams of a node. */
        void room(int node) {
            if (node >= firsts.length) {
                int old = firsts.length;
                firsts = Arrays.copyOf(firsts, 2 * node + 1);
                Arrays.fill(firsts, old, firsts.length, -1);
            }
        }
    }

    private static long edge(int node, int code) {
        return (long) node << Integer.SIZE | code;
    }

    /**
     * A table.
     *
     * @param starts the places in the pool where the 1-grams, the 2-grams and so on begin
     * @param pool the tokens, n for an n-gram
     * @param least the smallest n that counts
     * @param most the largest n
     * @param columns the column of each n-gram of the pool
     * @param weights the weight of each; null for ones
     * @return the table
     */
    public static NGramTable of(
            List<Long> starts, List<Long> pool, long least, long most, int[] columns, float[] weights) {
        Builder b = new Builder(columns.length);
        int id = 0;
        for (int n = 1; n <= starts.size(); n++) {
            int from = (int) (long) starts.get(n - 1);
            int to = n < starts.size() ? (int) (long) starts.get(n) : pool.size();
            for (int at = from; at < to; at += n) {
                if (n >= least && n <= most) {
                    b.add(pool.subList(at, at + n), id);
                }
                id++;
            }
        }
        b.room(b.edges.size());
        return new NGramTable(b, columns, weights);
    }

    /**
     * Whether no two n-grams have the same column.
     *
     * @return true if each has its own
     */
    public boolean hasDistinctColumns() {
        return distinct;
    }

    /**
     * The number of n-grams.
     *
     * @return how many the pool has, those of other lengths included
     */
    public int size() {
        return columns.length;
    }

    /**
     * The tokens.
     *
     * @return a table in which the index of a token is its code
     */
    public NumberTable tokens() {
        return tokens;
    }

    /**
     * The node of an n-gram of one token.
     *
     * @param code the code of the token
     * @return the node, or 0 if no n-gram begins with the token
     */
    public int single(int code) {
        return singles[code];
    }

    /**
     * The node of an n-gram with one token more.
     *
     * @param node its node
     * @param code the code of the token
     * @return the node, or 0 if no n-gram begins so
     */
    public int longer(int node, int code) {
        return edges.find(edge(node, code)) + 1;
    }

    /**
     * The first n-gram that ends at a node.
     *
     * @param node the node
     * @return its number in the pool, or -1
     */
    public int first(int node) {
        return firsts[node];
    }

    /**
     * Another n-gram that is equal.
     *
     * @param id the number of an n-gram
     * @return the number of the next one, or -1
     */
    public int next(int id) {
        return nexts[id];
    }

    /**
     * The column of an n-gram.
     *
     * @param id its number
     * @return the column
     */
    public int column(int id) {
        return columns[id];
    }

    /**
     * The weight of an n-gram.
     *
     * @param id its number
     * @return the weight
     */
    public float weight(int id) {
        return weights == null ? 1 : weights[id];
    }
}
