package dev.tenon.op.text;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the n-grams of a pool in each row. An n-gram is n tokens at equal distances of 1 to {@code maxSkip + 1}. Those
 * of one token are counted once. The i-th n-gram of the pool has the i-th weight and adds to column {@code indexes[i]}.
 *
 * @param mode TF for counts; IDF for weights where the count is above 0; TFIDF for their products
 * @param least the smallest n that is counted, at least 1
 * @param most the largest n
 * @param maxSkip the largest number of tokens that are skipped between neighbours, at least 0
 * @param starts the places in the pool where the 1-grams, the 2-grams and so on begin
 * @param indexes the column of each n-gram of the pool
 * @param integers the pool for integers, n tokens an n-gram; null if there is none
 * @param strings the pool for strings; null if there is none
 * @param weights a weight for each n-gram; null for ones
 */
public record TfIdfVectorizer(
        String mode,
        long least,
        long most,
        long maxSkip,
        List<Long> starts,
        List<Long> indexes,
        List<Long> integers,
        List<String> strings,
        List<Float> weights)
        implements Op {
    /** Parameters: tokens, [C] or [N,C]. Result: the counts, [columns] or [N,columns]. */
    public static final OpSchema SCHEMA = OpSchema.of("TfIdfVectorizer")
            .input("X", "T")
            .output("Y", "F")
            .where("T", Types.set(DType.STRING, DType.INT32, DType.INT64))
            .where("F", Types.FLOAT32)
            .numerics(Numerics.sum(16));

    private static final List<String> MODES = List.of("TF", "IDF", "TFIDF");

    /** Checks that the attributes fit each other. */
    public TfIdfVectorizer {
        require(MODES.contains(mode), "mode '" + mode + "'", "TF, IDF, TFIDF");
        require(least >= 1 && least <= most, "n-grams of " + least + " to " + most, "1 <= least <= most");
        require(maxSkip >= 0 && maxSkip < Long.MAX_VALUE, "max_skip_count " + maxSkip, "0 and above");
        require(most <= starts.size(), "max_gram_length " + most, "at most " + starts.size() + ", as in ngram_counts");
        require(!indexes.isEmpty(), "no ngram_indexes", "1 and more");
        for (long index : indexes) {
            require(index >= 0 && index < Integer.MAX_VALUE, "ngram_indexes of " + index, "0 to 2147483646");
        }
        require((integers == null) != (strings == null), "pools", "one of pool_int64s and pool_strings");
        if (weights != null) {
            require(
                    weights.size() == indexes.size(),
                    weights.size() + " weights",
                    indexes.size() + ", as many as ngram_indexes");
        }
        checkPool(starts, integers == null ? strings.size() : integers.size(), indexes.size());
    }

    private static void checkPool(List<Long> starts, int size, int indexes) {
        long ngrams = 0;
        for (int i = 0; i < starts.size(); i++) {
            long from = starts.get(i);
            long to = i + 1 < starts.size() ? starts.get(i + 1) : size;
            require(from >= 0 && from <= to && to <= size, "ngram_counts " + starts, "ascending, at most " + size);
            require(
                    (to - from) % (i + 1) == 0,
                    to - from + " tokens in the pool of " + (i + 1) + "-grams",
                    "a multiple of " + (i + 1));
            ngrams += (to - from) / (i + 1);
        }
        require(ngrams <= indexes, indexes + " ngram_indexes", "one for each of " + ngrams + " n-grams");
    }

    private static void require(boolean holds, String found, String allowed) {
        if (!holds) {
            throw new InvalidOperandException("TfIdfVectorizer", found, allowed, null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static TfIdfVectorizer of(Attributes a) {
        for (String name : List.of("mode", "min_gram_length", "max_gram_length", "max_skip_count", "ngram_counts")) {
            require(a.has(name), "no attribute '" + name + "'", "the attribute");
        }
        return new TfIdfVectorizer(
                a.string("mode", null),
                a.integer("min_gram_length", 0),
                a.integer("max_gram_length", 0),
                a.integer("max_skip_count", 0),
                a.integers("ngram_counts", List.of()),
                a.integers("ngram_indexes", List.of()),
                nullIfEmpty(a.integers("pool_int64s", List.of())),
                nullIfEmpty(a.strings("pool_strings", List.of())),
                nullIfEmpty(a.reals("weights", List.of())));
    }

    private static <E> List<E> nullIfEmpty(List<E> list) {
        return list.isEmpty() ? null : list;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("mode", mode)
                .with("min_gram_length", least)
                .with("max_gram_length", most)
                .with("max_skip_count", maxSkip)
                .with("ngram_counts", starts)
                .with("ngram_indexes", indexes)
                .with("pool_int64s", integers)
                .with("pool_strings", strings)
                .with("weights", weights);
    }

    /**
     * The number of columns of the result.
     *
     * @return one more than the largest index
     */
    public long columns() {
        return Collections.max(indexes) + 1;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(1, 2);
        requirePool(c.dtype(0) == DType.STRING);
        if (!x.hasRank()) {
            return List.of(new TensorType(DType.FLOAT32, Shape.unknownRank()));
        }
        Dim columns = Dim.of(columns());
        return List.of(new TensorType(DType.FLOAT32, x.rank() == 1 ? Shape.of(columns) : Shape.of(x.dim(0), columns)));
    }

    private void requirePool(boolean ofStrings) {
        require(
                ofStrings == (strings != null),
                ofStrings ? "strings and pool_int64s" : "integers and pool_strings",
                "a pool of the input's type");
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(DType.FLOAT32, type.shape().toArray());
        NGrams pool = NGrams.of(starts, strings == null ? integers : strings, least, most);
        long rows = x.rank() == 1 ? 1 : x.dim(0);
        int length = (int) (x.rank() == 1 ? x.size() : x.dim(1));
        Object[] tokens = new Object[length];
        for (long r = 0; r < rows; r++) {
            for (int i = 0; i < length; i++) {
                long e = r * length + i;
                tokens[i] = strings == null ? (Object) x.getLong(e) : x.getString(e);
            }
            Map<Integer, Long> counts = new HashMap<>();
            pool.count(tokens, most == 1 ? 0 : maxSkip + 1, id -> counts.merge(id, 1L, Long::sum));
            Map<Long, Double> sums = new HashMap<>();
            counts.forEach((id, count) -> sums.merge(indexes.get(id), weighted(count, id), Double::sum));
            long row = r * columns();
            sums.forEach((column, sum) -> y.setDouble(row + column, sum));
        }
        return List.of(y);
    }

    private double weighted(long count, int id) {
        if (mode.equals("TF")) {
            return count;
        }
        double weight = weights == null ? 1 : weights.get(id);
        return mode.equals("IDF") ? weight : count * weight;
    }
}
