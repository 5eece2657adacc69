package dev.tenon.op.attention;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * Attention that keeps keys and values as one matrix S for each head. It updates the matrix position by position:
 *
 * <pre>
 * linear       S = S + k v^T
 * gated        S = exp(g) S + k v^T
 * delta        S = S + b k (v - S^T k)^T
 * gated_delta  S = exp(g) S + b k (v - exp(g) S^T k)^T</pre>
 *
 * A result is {@code scale q^T S}. Heads of queries share heads of keys in equal groups.
 *
 * @param rule {@code linear}, {@code gated}, {@code delta} or {@code gated_delta}
 * @param queryHeads the number of heads of queries, a multiple of {@code keyHeads}
 * @param keyHeads the number of heads of keys, values and states, at least 1
 * @param scale the factor of the results; 0 for one over the root of the size of keys
 * @param chunkSize how many positions a kernel may take together; it does not change results
 */
public record LinearAttention(String rule, long queryHeads, long keyHeads, float scale, long chunkSize) implements Op {
    /**
     * Inputs query [batch, length, query heads * key size], key [batch, length, heads * key size], value [batch,
     * length, heads * value size], past_state [batch, heads, key size, value size], decay [batch, length, heads] or
     * [batch, length, heads * key size] for gated rules, beta [batch, length, heads] or [batch, length, 1] for delta
     * rules; outputs [batch, length, query heads * value size] and the state after the last position.
     */
    public static final OpSchema SCHEMA = OpSchema.of("LinearAttention")
            .input("query", "T")
            .input("key", "T")
            .input("value", "T")
            .optional("past_state", "S")
            .optional("decay", "T")
            .optional("beta", "T")
            .output("output", "T")
            .optionalOutput("present_state", "S")
            .where("T", Types.FLOATS)
            .where("S", Types.FLOATS)
            .numerics(new Numerics(16, 64));

    private static final List<String> RULES = List.of("linear", "gated", "delta", "gated_delta");
    private static final int PAST = 3;
    private static final int DECAY = 4;
    private static final int BETA = 5;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static LinearAttention of(Attributes a) {
        String rule = a.string("update_rule", "gated_delta");
        if (!RULES.contains(rule)) {
            throw refused("update_rule '" + rule + "'", String.join(", ", RULES));
        }
        long queries = a.integer("q_num_heads", 0);
        long keys = a.integer("kv_num_heads", 0);
        if (keys < 1 || queries < 1 || queries % keys != 0) {
            throw refused(
                    "q_num_heads " + queries + " with kv_num_heads " + keys,
                    "a multiple of kv_num_heads, both above 0");
        }
        return new LinearAttention(rule, queries, keys, a.real("scale", 0), a.integer("chunk_size", 64));
    }

    private static InvalidOperandException refused(String found, String allowed) {
        return new InvalidOperandException("LinearAttention", found, allowed, null);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("update_rule", rule, "gated_delta")
                .with("q_num_heads", queryHeads)
                .with("kv_num_heads", keyHeads)
                .unless("scale", scale, 0f)
                .unless("chunk_size", chunkSize, 64L);
    }

    private boolean gated() {
        return rule.startsWith("gated");
    }

    private boolean delta() {
        return rule.endsWith("delta");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        checkPresence(c, DECAY, "decay", gated());
        checkPresence(c, BETA, "beta", delta());
        OperandShape q = OperandShape.of(c, 0).rank(3);
        Dim keySize = size(c, q, queryHeads);
        Dim width = keySize == null ? null : keySize.times(Dim.of(keyHeads));
        OperandShape k = OperandShape.of(c, 1).rank(3).is(q.dim(0), q.dim(1), width);
        OperandShape v = OperandShape.of(c, 2).rank(3).is(q.dim(0), q.dim(1), null);
        Dim valueSize = size(c, v, keyHeads);
        Dim batch = OperandShape.either(q.dim(0), OperandShape.either(k.dim(0), v.dim(0)));
        Dim length = OperandShape.either(q.dim(1), OperandShape.either(k.dim(1), v.dim(1)));
        Dim heads = Dim.of(keyHeads);
        if (c.has(PAST)) {
            OperandShape.of(c, PAST).is(batch, heads, keySize, valueSize);
        }
        checkGate(c, DECAY, batch, length, width);
        checkGate(c, BETA, batch, length, Dim.of(1));
        Dim b = OperandShape.orFresh(c, batch);
        Dim size = OperandShape.orFresh(c, valueSize);
        Shape output = Shape.of(
                b,
                OperandShape.orFresh(c, length),
                valueSize == null ? c.freshDim() : valueSize.times(Dim.of(queryHeads)));
        Shape state = Shape.of(b, heads, OperandShape.orFresh(c, keySize), size);
        return List.<ValueType>of(
                        new TensorType(c.dtype(0), output), new TensorType(c.dtype(c.has(PAST) ? PAST : 0), state))
                .subList(0, c.outputCount());
    }

    private static Dim size(InferContext c, OperandShape s, long heads) {
        Dim width = s.hasRank() ? s.dim(2) : null;
        if (width != null && width.isKnown() && width.value() % heads != 0) {
            throw c.error("shape " + s.shape() + " for " + heads + " heads", "multiples of the heads", null);
        }
        return width == null ? null : width.dividedExactlyBy(Dim.of(heads)).orElse(null);
    }

    private void checkPresence(InferContext c, int input, String name, boolean needed) {
        if (c.has(input) != needed) {
            throw c.error(
                    "update_rule '" + rule + "' " + (needed ? "without " : "with ") + name,
                    name + (needed ? "" : " only with other rules"),
                    null);
        }
    }

    /** A gate has an element for each head, or as many elements as the other dimension says. */
    private void checkGate(InferContext c, int input, Dim batch, Dim length, Dim other) {
        if (!c.has(input)) {
            return;
        }
        OperandShape gate = OperandShape.of(c, input).rank(3).is(batch, length, null);
        Dim last = gate.hasRank() ? gate.dim(2) : null;
        if (last != null && last.isKnown() && last.value() != keyHeads && other != null && other.isKnown()) {
            gate.is(batch, length, other);
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Heads q = Heads.of(in.tensor(0), queryHeads);
        Heads k = Heads.of(in.tensor(1), keyHeads);
        Heads v = Heads.of(in.tensor(2), keyHeads);
        Tensor output = Tensor.allocate(q.data().dtype(), q.batch(), q.length(), queryHeads * v.size());
        Tensor past = in.tensorOrNull(PAST);
        Tensor state =
                Tensor.allocate((past == null ? q.data() : past).dtype(), q.batch(), keyHeads, k.size(), v.size());
        double[] s = new double[state.size() == 0 ? 0 : stateSize(k, v)];
        for (long b = 0; b < q.batch(); b++) {
            for (long h = 0; h < keyHeads; h++) {
                long at = (b * keyHeads + h) * s.length;
                for (int i = 0; i < s.length; i++) {
                    s[i] = past == null ? 0 : past.getDouble(at + i);
                }
                for (long t = 0; t < q.length(); t++) {
                    update(in, s, k, v, b, h, t);
                    read(s, q, Heads.of(output, queryHeads), b, h, t);
                }
                for (int i = 0; i < s.length; i++) {
                    state.setDouble(at + i, s[i]);
                }
            }
        }
        return List.<Datum>of(output, state).subList(0, in.outputs());
    }

    private static int stateSize(Heads k, Heads v) {
        long size = k.size() * v.size();
        if (size > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException("LinearAttention", size + " elements of state", "2147483639", null);
        }
        return (int) size;
    }

    private void update(Operands in, double[] s, Heads k, Heads v, long b, long h, long t) {
        int n = (int) v.size();
        long key = k.at(b, h, t);
        if (gated()) {
            Tensor decay = in.tensor(DECAY);
            boolean perHead = decay.dim(2) == keyHeads;
            for (int i = 0; i < s.length; i++) {
                long place = (b * k.length() + t) * decay.dim(2) + (perHead ? h : h * k.size() + i / n);
                s[i] *= Math.exp(decay.getDouble(place));
            }
        }
        double[] added = new double[n];
        long value = v.at(b, h, t);
        Arrays.setAll(added, j -> v.data().getDouble(value + j));
        if (delta()) {
            Tensor beta = in.tensor(BETA);
            double rate = beta.getDouble((b * k.length() + t) * beta.dim(2) + (beta.dim(2) == 1 ? 0 : h));
            for (int j = 0; j < n; j++) {
                double known = 0;
                for (int i = 0; i < k.size(); i++) {
                    known += s[i * n + j] * k.data().getDouble(key + i);
                }
                added[j] = rate * (added[j] - known);
            }
        }
        for (int i = 0; i < s.length; i++) {
            s[i] += k.data().getDouble(key + i / n) * added[i % n];
        }
    }

    private void read(double[] s, Heads q, Heads output, long b, long h, long t) {
        double factor = scale == 0 ? 1 / Math.sqrt(q.size()) : scale;
        int n = (int) output.size();
        long group = queryHeads / keyHeads;
        for (long head = h * group; head < (h + 1) * group; head++) {
            long query = q.at(b, head, t);
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int i = 0; i < q.size(); i++) {
                    sum += q.data().getDouble(query + i) * s[i * n + j];
                }
                output.data().setDouble(output.at(b, head, t) + j, factor * sum);
            }
        }
    }
}
