package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Not;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention is expanded, because its gradient needs the probabilities. Keys that are excluded must be numbers then: a NaN among
 * them counts. A rotation goes back by the opposite angle.
 */
final class AttentionGradients {
    private static final int MASK = 3;
    private static final int PAST = 4;
    private static final int VALID = 6;
    private static final int SCORES = 3;

    /** A score that is as good as negative infinity, without the NaN that infinities lead to. */
    private static final double LEAST = -3e38;

    private static final double LEAST_OF_HALVES = -60_000;

    private AttentionGradients() {}

    static void addTo(GradientTable t) {
        t.expand(Attention.class, AttentionGradients::attention);
        t.rule(RotaryEmbedding.class, (op, n) -> {
            n.refuseIf(n.wants(1) || n.wants(2), "its tables are trained");
            n.give(0, () -> {
                List<Value> operands = new ArrayList<>(List.of(n.dy(), n.in(1), n.neg(n.in(2))));
                if (n.has(3)) {
                    operands.add(n.in(3));
                }
                return n.make(op, operands, 1).getFirst();
            });
        });
    }

    private static List<Value> attention(Attention op, NodeFormulas n) {
        n.refuseIf(n.has(VALID), "the number of valid keys is an operand");
        n.refuseIf(n.results() > SCORES, "its scores are used");
        Value q = heads(n, n.in(0), op.queryHeads());
        Value k = present(n, 1, op.keyHeads());
        Value v = present(n, 2, op.keyHeads());
        long[] qd = Formulas.dims(q);
        long[] kd = Formulas.dims(k);
        // Queries that share keys are the rows of one matrix.
        long rows = qd[1] / kd[1] * qd[2];
        double scale = op.scale() == null ? 1 / Math.sqrt(qd[3]) : op.scale();
        Value queries = n.reshape(n.mul(q, scale), qd[0], kd[1], rows, qd[3]);
        Value scores = n.reshape(n.matMul(queries, n.transposed(k)), qd[0], qd[1], qd[2], kd[2]);
        Value p = n.reshape(probabilities(op, n, scores), qd[0], kd[1], rows, kd[2]);
        long size = Formulas.dims(v)[3];
        Value y = n.reshape(n.matMul(p, v), qd[0], qd[1], qd[2], size);
        if (n.dims(0).length == 3) {
            y = n.reshape(n.transpose(y, 0, 2, 1, 3), qd[0], qd[2], qd[1] * size);
        }
        return List.of(y, k, v).subList(0, n.results());
    }

    /** An operand as [batch, heads, length, size]. */
    private static Value heads(NodeFormulas n, Value v, Long heads) {
        long[] d = Formulas.dims(v);
        return d.length == 4 ? v : n.transpose(n.reshape(v, d[0], d[1], heads, d[2] / Math.max(1, heads)), 0, 2, 1, 3);
    }

    /** Keys or values, those of the past first. */
    private static Value present(NodeFormulas n, int i, Long heads) {
        Value added = heads(n, n.in(i), heads);
        int past = PAST + i - 1;
        return n.has(past) ? n.concat(2, List.of(n.in(past), added)) : added;
    }

    private static Value probabilities(Attention op, NodeFormulas n, Value scores) {
        Value bounded = scores;
        if (op.softcap() > 0) {
            bounded = n.mul(n.make(new Tanh(), n.mul(scores, 1.0 / op.softcap())), op.softcap());
        }
        long[] d = Formulas.dims(scores);
        Value visible = positions(op, n, d[2], d[3]);
        if (n.has(MASK)) {
            Value mask = n.in(MASK);
            int last = Formulas.rank(mask) - 1;
            long missing = d[3] - Formulas.dims(mask)[last];
            Value shown = mask;
            if (Formulas.dtype(mask) != DType.BOOL) {
                Value bias = n.cast(mask, Formulas.dtype(scores));
                Value finite = n.make(new Max(), bias, n.number(bias, least(bias)));
                bounded = n.add(bounded, n.pad(finite, last, 0, missing));
                shown = n.make(new Not(), n.compare(new Equal(), bias, Double.NEGATIVE_INFINITY));
            }
            // Keys after the last one of the mask are excluded; false is the padding.
            shown = n.pad(shown, last, 0, missing);
            visible = visible == null ? shown : n.make(new And(), visible, shown);
        }
        if (visible == null) {
            return n.make(new Softmax(-1), bounded);
        }
        Value p = n.make(new Softmax(-1), n.where(visible, bounded, n.number(bounded, least(bounded))));
        // A query without any key gives zeros.
        return n.masked(visible, p);
    }

    private static double least(Value v) {
        return Formulas.dtype(v) == DType.FLOAT16 ? LEAST_OF_HALVES : LEAST;
    }

    /** Which keys a query sees by their positions; null if it sees all. */
    private static Value positions(Attention op, NodeFormulas n, long queries, long keys) {
        if (!op.causal() && op.leftWindow() < 0 && op.rightWindow() < 0) {
            return null;
        }
        long past = n.has(PAST) ? n.dims(PAST)[2] : 0;
        Tensor visible = Tensor.allocate(DType.BOOL, queries, keys);
        for (long i = 0; i < queries; i++) {
            for (long j = 0; j < keys; j++) {
                long ahead = j - i - past;
                boolean seen = (!op.causal() || ahead <= 0)
                        && (op.leftWindow() < 0 || -ahead <= op.leftWindow())
                        && (op.rightWindow() < 0 || ahead <= op.rightWindow());
                visible.setBoolean(i * keys + j, seen);
            }
        }
        return n.constant(visible);
    }
}
