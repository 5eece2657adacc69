package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.NumberTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The n-grams of a pool as a tree in arrays. Tokens have codes from 1; code 0 stands for all others. A node stands for an
 * n-gram or the
 * beginning of one; node 0 stands for all others. Immutable and thread-safe.
 */
public final class NGramTable {
    /** The most places of a table of all nodes and codes. */
    private static final int MAX_DENSE = 1 << 15;

    private final NumberTable tokens;
    private final NumberTable edges;

    /** The node of an n-gram of one token by the code of the token, or 0. */
    private final int[] singles;

    /** The node of an n-gram with one token more, by its node and the code of the token; null if there are too many. */
    private final int[] dense;

    private final int codes;

    /** For each node the n-gram that ends there, or the number of n-grams. */
    private final int[] ngrams;

    private final int[] columns;
    private final float[] weights;
    private final boolean distinct;

    private NGramTable(Builder b, int[] columns, float[] weights) {
        tokens = NumberTable.of(b.tokens.stream().mapToLong(Long::longValue).toArray());
        edges = NumberTable.of(b.edges.stream().mapToLong(Long::longValue).toArray());
        codes = tokens.size() + 1;
        int nodes = b.edges.size() + 1;
        ngrams = Arrays.copyOf(b.ngrams, nodes);
        singles = new int[codes];
        long places = (long) nodes * codes;
        dense = places <= MAX_DENSE ? new int[(int) places] : null;
        for (int i = 0; i < b.edges.size(); i++) {
            int node = (int) (b.edges.get(i) >>> Integer.SIZE);
            int code = (int) (long) b.edges.get(i);
            if (node == 0) {
                singles[code] = i + 1;
            } else if (dense != null) {
                dense[node * codes + code] = i + 1;
            }
        }
        this.columns = columns;
        this.weights = weights;
        this.distinct = b.distinct
                && b.ids.stream().mapToInt(id -> columns[id]).distinct().count() == b.ids.size();
    }

    /** The tree while it grows. */
    private static final class Builder {
        private final Map<Long, Integer> codes = new HashMap<>();
        private final List<Long> tokens = new ArrayList<>();
        private final Map<Long, Integer> nodes = new HashMap<>();
        private final List<Long> edges = new ArrayList<>();
        private final List<Integer> ids = new ArrayList<>();
        private final int none;
        private int[] ngrams;
        private boolean distinct = true;

        Builder(int count, int tokens) {
            none = count;
            ngrams = new int[tokens + 1];
            Arrays.fill(ngrams, none);
        }

        private int code(Long token) {
            Integer known = codes.get(token);
            if (known == null) {
                tokens.add(token);
                known = tokens.size();
                codes.put(token, known);
            }
            return known;
        }

        void add(List<Long> ngram, int id) {
            int node = 0;
            for (Long token : ngram) {
                long edge = edge(node, code(token));
                Integer next = nodes.get(edge);
                if (next == null) {
                    edges.add(edge);
                    next = edges.size();
                    nodes.put(edge, next);
                }
                node = next;
            }
            distinct &= ngrams[node] == none;
            ngrams[node] = id;
            ids.add(id);
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
        Builder b = new Builder(columns.length, pool.size());
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
        return new NGramTable(b, columns, weights);
    }

    /**
     * Whether no two n-grams are equal or have the same column.
     *
     * @return true if each has its own
     */
    public boolean isDistinct() {
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
     * @return a table in which the index of a token is one less than its code
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
        if (dense != null) {
            return dense[node * codes + code];
        }
        return node == 0 ? 0 : edges.find(edge(node, code)) + 1;
    }

    /**
     * The n-gram that ends at a node.
     *
     * @param node the node
     * @return its number in the pool; the number of n-grams if none ends there
     */
    public int ngram(int node) {
        return ngrams[node];
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
