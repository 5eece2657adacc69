package dev.tenon.op.attention;

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
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Scaled dot-product attention: {@code softmax(softcap(scale Q K^T) + bias) V} for each head. Heads of queries share
 * heads of keys and values in equal groups. The bias is the mask, if there is one; false counts as negative infinity.
 * It is also negative infinity for keys that are excluded by causality, by the window or by the number of valid keys. A
 * query at index i has the position {@code i + offset}. The offset is the length of the past; without a past it is the
 * number of valid keys less the number of queries; without either it is 0. A query without any key gives zeros.
 * Excluded keys do not count, even if they are NaN.
 *
 * @param causal whether keys after a query's position are excluded
 * @param queryHeads the number of heads of queries; needed if the operands are packed, may be null otherwise
 * @param keyHeads the number of heads of keys and values, likewise
 * @param scale the factor of the products; null for one over the root of the head's size
 * @param softcap bounds the scores to (-softcap, softcap) by tanh; 0 for no bound
 * @param scores the contents of the last output: 0 scaled products, 1 after softcap, 2 with bias, 3 probabilities
 * @param precision the element type that softmax needs at least, null for that of the operands; the reference computes
 *     in double
 * @param leftWindow how many keys before a query's position are seen; -1 for all
 * @param rightWindow how many keys after a query's position are seen; -1 for all
 */
public record Attention(
        boolean causal,
        Long queryHeads,
        Long keyHeads,
        Float scale,
        float softcap,
        int scores,
        DType precision,
        long leftWindow,
        long rightWindow)
        implements Op {
    private static final Set<DType> MASKS = Types.union(Types.NUMBERS, Types.BOOL);

    // The exponential enlarges the error that scores have from their sums.
    private static final Numerics NUMERICS = new Numerics(70, 64);

    /**
     * Inputs Q, K and V, each [batch, heads, length, size] or packed [batch, length, heads*size]; a mask that
     * broadcasts to [batch, query heads, query length, total length], whose last dimension may be shorter; past keys
     * and values [batch, key heads, past length, size]; the number of valid keys [batch]. Outputs Y like Q; present
     * keys and values, which begin with the past; the scores of all queries and keys.
     */
    public static final OpSchema SCHEMA = OpSchema.of("Attention")
            .input("Q", "T1")
            .input("K", "T1")
            .input("V", "T2")
            .optional("attn_mask", "U")
            .optional("past_key", "T1")
            .optional("past_value", "T2")
            .optional("nonpad_kv_seqlen", "I")
            .output("Y", "T1")
            .optionalOutput("present_key", "T1")
            .optionalOutput("present_value", "T2")
            .optionalOutput("qk_matmul_output", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.FLOATS)
            .where("U", MASKS)
            .where("I", Types.INT64)
            .numerics(NUMERICS);

    static final int MASK = 3;
    static final int PAST_KEY = 4;
    static final int PAST_VALUE = 5;
    static final int VALID = 6;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static Attention of(Attributes a) {
        long mode = a.integer("qk_matmul_output_mode", 0);
        if (mode < 0 || mode > 3) {
            throw refused("qk_matmul_output_mode " + mode, "[0, 3]");
        }
        float softcap = a.real("softcap", 0);
        if (!(softcap >= 0)) {
            throw refused("softcap " + softcap, "0 and above");
        }
        DType precision = null;
        if (a.has("softmax_precision")) {
            precision = Types.ofCode(a.integer("softmax_precision", 0)).orElse(null);
            if (precision == null || !Types.FLOATS.contains(precision)) {
                throw refused("softmax_precision " + a.integer("softmax_precision", 0), "1, 10, 11, 16");
            }
        }
        return new Attention(
                a.flag("is_causal", false),
                heads(a, "q_num_heads"),
                heads(a, "kv_num_heads"),
                a.has("scale") ? (Float) a.real("scale", 0) : null,
                softcap,
                (int) mode,
                precision,
                window(a, "left_window_size"),
                window(a, "right_window_size"));
    }

    /**
     * The same attention, causal or not.
     *
     * @param causal whether keys after a query's position are excluded
     * @return the operator
     */
    public Attention withCausal(boolean causal) {
        return new Attention(causal, queryHeads, keyHeads, scale, softcap, scores, precision, leftWindow, rightWindow);
    }

    /**
     * The same attention for packed operands, or for operands that are not packed.
     *
     * @param queryHeads the number of heads of queries, or null
     * @param keyHeads the number of heads of keys and values, or null
     * @return the operator
     */
    public Attention withHeads(Long queryHeads, Long keyHeads) {
        return new Attention(causal, queryHeads, keyHeads, scale, softcap, scores, precision, leftWindow, rightWindow);
    }

    /**
     * The same attention with another factor of the products.
     *
     * @param scale the factor
     * @return the operator
     */
    public Attention withScale(float scale) {
        return new Attention(causal, queryHeads, keyHeads, scale, softcap, scores, precision, leftWindow, rightWindow);
    }

    private static Long heads(Attributes a, String name) {
        long heads = a.integer(name, 0);
        if (heads < 0) {
            throw refused(name + " " + heads, "1 and above");
        }
        return heads == 0 ? null : (Long) heads;
    }

    private static long window(Attributes a, String name) {
        long size = a.integer(name, -1);
        if (size < -1) {
            throw refused(name + " " + size, "-1 and above");
        }
        return size;
    }

    private static InvalidOperandException refused(String found, String allowed) {
        return new InvalidOperandException("Attention", found, allowed, null);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("is_causal", causal, false)
                .with("q_num_heads", queryHeads)
                .with("kv_num_heads", keyHeads)
                .with("scale", scale)
                .unless("softcap", softcap, 0f)
                .unless("qk_matmul_output_mode", scores, 0)
                .with("softmax_precision", precision == null ? null : (Long) (long) Types.code(precision))
                .unless("left_window_size", leftWindow, -1L)
                .unless("right_window_size", rightWindow, -1L);
    }

    /** The dimensions of an operand as [batch, heads, length, size], each null if not known. */
    private record Parts(Dim batch, Dim heads, Dim length, Dim size) {}

    private Parts parts(InferContext c, int input, Long heads) {
        OperandShape s = OperandShape.of(c, input).rank(3, 4);
        Dim given = heads == null ? null : Dim.of(heads);
        if (s.rank() == 4) {
            s.is(null, given, null, null);
            return new Parts(s.dim(0), s.dim(1), s.dim(2), s.dim(3));
        }
        if (s.rank() != 3) {
            return new Parts(null, given, null, null);
        }
        if (given == null) {
            throw c.error(
                    "shape " + s.shape() + " without the numbers of heads",
                    "rank 4, or q_num_heads and kv_num_heads",
                    null);
        }
        Dim width = s.dim(2);
        if (width.isKnown() && width.value() % heads != 0) {
            throw c.error("shape " + s.shape() + " for " + heads + " heads", "multiples of the heads", null);
        }
        return new Parts(
                s.dim(0), given, s.dim(1), width.dividedExactlyBy(given).orElse(null));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Parts q = parts(c, 0, queryHeads);
        Parts k = parts(c, 1, keyHeads);
        Parts v = parts(c, 2, keyHeads);
        checkRanks(c);
        Dim batch = OperandShape.either(q.batch, OperandShape.either(k.batch, v.batch));
        Dim heads = OperandShape.either(k.heads, v.heads);
        check(c, k.batch, batch, "batch");
        check(c, v.batch, batch, "batch");
        check(c, v.heads, heads, "heads");
        check(c, v.length, k.length, "length");
        check(c, k.size, q.size, "size of heads");
        if (isKnown(q.heads) && isKnown(heads) && (heads.value() == 0 || q.heads.value() % heads.value() != 0)) {
            throw c.error(q.heads + " heads of queries", "a multiple of the " + heads + " heads of keys", null);
        }
        Dim total = k.length;
        if (c.has(PAST_KEY) != c.has(PAST_VALUE)) {
            throw c.error("only one of past_key and past_value", "both or none", null);
        }
        if (c.has(PAST_KEY)) {
            OperandShape key = OperandShape.of(c, PAST_KEY).is(batch, heads, null, k.size);
            OperandShape.of(c, PAST_VALUE).is(batch, heads, key.dim(2), v.size);
            Dim past = key.dim(2);
            total = past == null || total == null ? null : past.plus(total);
        }
        if (c.has(VALID)) {
            if (c.has(PAST_KEY)) {
                throw c.error("nonpad_kv_seqlen and past_key", "one of them", null);
            }
            OperandShape.of(c, VALID).is(batch);
        }
        checkMask(c, batch, q, total);
        return types(c, batch, heads, q, k, v, total);
    }

    private List<ValueType> types(InferContext c, Dim batch, Dim heads, Parts q, Parts k, Parts v, Dim total) {
        Dim b = OperandShape.orFresh(c, batch);
        Dim length = OperandShape.orFresh(c, q.length);
        Dim all = OperandShape.orFresh(c, total);
        Dim queries = OperandShape.orFresh(c, q.heads);
        Dim keys = OperandShape.orFresh(c, heads);
        Dim size = OperandShape.orFresh(c, v.size);
        Shape y = Shape.unknownRank();
        if (c.shape(0).hasRank()) {
            y = c.shape(0).rank() == 4
                    ? Shape.of(b, queries, length, size)
                    : Shape.of(b, length, v.size == null ? c.freshDim() : queries.times(size));
        }
        List<ValueType> types = new ArrayList<>();
        types.add(new TensorType(c.dtype(0), y));
        types.add(new TensorType(c.dtype(1), Shape.of(b, keys, all, OperandShape.orFresh(c, k.size))));
        types.add(new TensorType(c.dtype(2), Shape.of(b, keys, all, size)));
        types.add(new TensorType(c.dtype(0), Shape.of(b, queries, length, all)));
        return types.subList(0, c.outputCount());
    }

    private static void checkRanks(InferContext c) {
        for (int i = 1; i <= 2; i++) {
            if (c.shape(0).hasRank()
                    && c.shape(i).hasRank()
                    && c.shape(0).rank() != c.shape(i).rank()) {
                throw c.error("shapes " + c.shape(0) + " and " + c.shape(i), "equal ranks", null);
            }
        }
    }

    private static void checkMask(InferContext c, Dim batch, Parts q, Dim total) {
        if (!c.has(MASK)) {
            return;
        }
        Shape mask = c.shape(MASK);
        if (!mask.hasRank()) {
            return;
        }
        Dim[] full = {batch, q.heads, q.length, total};
        boolean fits = mask.rank() >= 1 && mask.rank() <= 4;
        for (int i = 1; fits && i <= mask.rank(); i++) {
            Dim m = mask.dim(mask.rank() - i);
            Dim f = full[4 - i];
            boolean open = !m.isKnown() || !isKnown(f);
            fits = open || m.value() == f.value() || (i == 1 ? m.value() < f.value() : m.value() == 1);
        }
        if (!fits) {
            throw c.error(
                    "'attn_mask' has shape " + mask,
                    "what broadcasts to [" + batch + "," + q.heads + "," + q.length + "," + total + "]",
                    null);
        }
    }

    private static boolean isKnown(Dim d) {
        return d != null && d.isKnown();
    }

    private static void check(InferContext c, Dim found, Dim expected, String what) {
        if (isKnown(found) && isKnown(expected) && !found.equals(expected)) {
            throw c.error(what + " " + found + " of keys or values", expected.toString(), null);
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return new AttentionLoop(this, in).run();
    }
}
